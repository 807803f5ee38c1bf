"""Goes through the candidates in order of cost and asks the engine about those that bounds leave open."""
