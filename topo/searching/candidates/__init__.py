"""The request, the declared space, and what closed forms say of each candidate."""
