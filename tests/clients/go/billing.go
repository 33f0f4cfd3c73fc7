package main

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v85"
)

func billed(invoice *stripe.Invoice) map[string]any {
	lines := [][2]any{}
	for _, line := range invoice.Lines.Data {
		prorated := line.Parent.SubscriptionItemDetails != nil && line.Parent.SubscriptionItemDetails.Proration ||
			line.Parent.InvoiceItemDetails != nil && line.Parent.InvoiceItemDetails.Proration
		lines = append(lines, [2]any{line.Amount, prorated})
	}
	return map[string]any{"status": invoice.Status, "total": invoice.Total, "lines": lines}
}

func shown(subscription *stripe.Subscription) map[string]any {
	return map[string]any{"status": subscription.Status, "invoice": billed(subscription.LatestInvoice)}
}

// Subscribe, change within a period, try, end a trial, cancel.
func billing(ctx context.Context, client *stripe.Client) map[string]any {
	card := stripe.String("pm_card_visa")
	expand := []*string{stripe.String("latest_invoice")}
	product := check(client.V1Products.Create(ctx, &stripe.ProductCreateParams{Name: stripe.String("Seats")}))
	price := func(unitAmount int64) *string {
		return &check(client.V1Prices.Create(ctx, &stripe.PriceCreateParams{
			Currency:   stripe.String("usd"),
			UnitAmount: stripe.Int64(unitAmount),
			Product:    stripe.String(product.ID),
			Recurring:  &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
		})).ID
	}
	basic, pro := price(3000), price(9000)
	customer := check(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
		PaymentMethod:   card,
		InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: card},
	}))

	subscribed := check(client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID),
		Items:    []*stripe.SubscriptionCreateItemParams{{Price: basic}},
		Expand:   expand,
	}))
	item := subscribed.Items.Data[0]
	middle := stripe.Int64((item.CurrentPeriodStart + item.CurrentPeriodEnd) / 2)
	preview := check(client.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(subscribed.ID),
		SubscriptionDetails: &stripe.InvoiceCreatePreviewSubscriptionDetailsParams{
			Items:             []*stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams{{ID: stripe.String(item.ID), Price: pro}},
			ProrationBehavior: stripe.String("always_invoice"),
			ProrationDate:     middle,
		},
	}))
	changed := check(client.V1Subscriptions.Update(ctx, subscribed.ID, &stripe.SubscriptionUpdateParams{
		Items:             []*stripe.SubscriptionUpdateItemParams{{ID: stripe.String(item.ID), Price: pro}},
		ProrationBehavior: stripe.String("always_invoice"),
		ProrationDate:     middle,
		Expand:            expand,
	}))
	trial := check(client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer:        stripe.String(customer.ID),
		Items:           []*stripe.SubscriptionCreateItemParams{{Price: basic}},
		TrialPeriodDays: stripe.Int64(14),
		Expand:          expand,
	}))
	ended := check(client.V1Subscriptions.Update(ctx, trial.ID, &stripe.SubscriptionUpdateParams{
		TrialEndNow: stripe.Bool(true),
		Expand:      expand,
	}))
	canceled := check(client.V1Subscriptions.Cancel(ctx, subscribed.ID, &stripe.SubscriptionCancelParams{
		InvoiceNow: stripe.Bool(true),
		Prorate:    stripe.Bool(true),
		Expand:     expand,
	}))
	_, err := client.V1Subscriptions.Update(ctx, trial.ID, &stripe.SubscriptionUpdateParams{
		Items: []*stripe.SubscriptionUpdateItemParams{{Price: stripe.String("price_none")}},
	})
	var refused *stripe.Error
	errors.As(err, &refused)
	trialing := shown(trial)
	trialing["days"] = (trial.TrialEnd - trial.TrialStart) / 86400
	return map[string]any{
		"subscribed": shown(subscribed),
		"preview":    billed(preview),
		"changed":    shown(changed),
		"trial":      trialing,
		"ended":      shown(ended),
		"canceled":   shown(canceled),
		"refused":    map[string]any{"status": refused.HTTPStatusCode, "code": refused.Code, "param": refused.Param},
	}
}
