"""What is sold, at which price, discount and tax. https://docs.stripe.com/api/products"""
