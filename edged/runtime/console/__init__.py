"""What the console may ask the device."""
