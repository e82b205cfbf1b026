"""Keeps the product's processes alive on one machine, and ends them in order.

Imports nothing here: ``bot.supervision.launch`` stands before every start of a server and must be quick.
"""
