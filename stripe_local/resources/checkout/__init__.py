"""Where customers subscribe: Checkout sessions and payment links. https://docs.stripe.com/api/checkout/sessions"""
