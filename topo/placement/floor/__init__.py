"""The floor, its racks, who stands where by rule, and how long cables between places are."""
