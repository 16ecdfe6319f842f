"""What crosses the network: noun to JSON and back, versioned. No input or output of its own."""
