"""What was measured of a delivery."""
