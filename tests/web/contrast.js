// Every text that is visible, with too little contrast to what lies behind it (WCAG 2.2, 1.4.3: 4.5 : 1).
(() => {
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  function rgba(colour) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }

  function background(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      layers.unshift(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduce((below, above) => below.map((value, index) => above[index] * above[3] + value * (1 - above[3])).slice(0, 3), [255, 255, 255]);
  }

  function luminance([r, g, b]) {
    const [x, y, z] = [r, g, b].map((value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    if (!data.trim() || !element.checkVisibility() || element.closest(".unseen, .skip, noscript")) continue;
    const style = getComputedStyle(element);
    const colour = rgba(element instanceof SVGElement ? style.fill : style.color);
    const [dark, light] = [luminance(colour), luminance(background(element))].sort((a, b) => a - b);
    seen.push({ text: data.trim(), ratio: (light + 0.05) / (dark + 0.05) });
  }
  return { count: seen.length, bad: seen.filter(({ ratio }) => ratio < 4.5) };
})();
