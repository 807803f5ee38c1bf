"""Fat-trees of two and three tiers, for every family that is one."""
