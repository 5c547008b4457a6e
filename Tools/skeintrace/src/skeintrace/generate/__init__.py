"""Programs made at random: written, recorded, calibrated and cut down, to find where two reactors differ."""
