"""What the emulator does to a driver, release by release: variation points, profiles and presets."""
