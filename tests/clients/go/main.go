// Runs the guide, or what happens to a subscription, through Stripe's Go client, against the URL in STRIPE_LOCAL_URL.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/stripe/stripe-go/v85"
)

func check[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func backend(client *http.Client) stripe.Backend {
	return stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:               stripe.String(os.Getenv("STRIPE_LOCAL_URL")),
		HTTPClient:        client,
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   stripe.Bool(false),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
}

// Stripe's client with this key, by this HTTP client.
func connect(key string, client *http.Client) *stripe.Client {
	backend := backend(client)
	backends := &stripe.Backends{API: backend, Connect: backend, Uploads: backend, MeterEvents: backend}
	return stripe.NewClient(key, stripe.WithBackends(backends))
}

func main() {
	if os.Args[1] == "every" {
		every()
		return
	}
	programs := map[string]func(context.Context, *stripe.Client) map[string]any{"guide": guide, "billing": billing}
	client := connect(os.Getenv("STRIPE_API_KEY"), http.DefaultClient)
	_ = json.NewEncoder(os.Stdout).Encode(programs[os.Args[1]](context.Background(), client))
}
