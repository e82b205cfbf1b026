"""The product with its real reader under steady load for a long time: does anything grow, wait or fail?"""
