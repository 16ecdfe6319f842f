"""The nouns: frozen, slotted values. numpy and the standard library only; no clock, no file, no logger."""
