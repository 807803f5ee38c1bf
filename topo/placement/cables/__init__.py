"""What joins the ports: cables and modules, their numbers, labels, bill and changes."""
