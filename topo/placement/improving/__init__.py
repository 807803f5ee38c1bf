"""Better places than the rule's, and how far they are from the best there can be."""
