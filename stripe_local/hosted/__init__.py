"""The pages that a customer is sent to: an invoice, the portal, and the proof that a card is theirs."""
