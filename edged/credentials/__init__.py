"""What people carry and know besides their faces: PINs, cards, visitor passes; who is blocked, who is inside."""
