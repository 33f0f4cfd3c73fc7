#!/bin/sh
# The guide's seven steps with curl: form bodies, Basic and Bearer keys, a chunked body.
set -eu

field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1; }
basic() { curl --silent --show-error --fail-with-body -u "$STRIPE_API_KEY:" "$@"; }
bearer() { curl --silent --show-error --fail-with-body -H "Authorization: Bearer $STRIPE_API_KEY" "$@"; }

METER_ID=$(basic "$STRIPE_LOCAL_URL/v1/billing/meters" \
  -d "display_name=Hypernian tokens" \
  -d event_name=hypernian_tokens \
  -d "default_aggregation[formula]=sum" \
  -d "customer_mapping[event_payload_key]=stripe_customer_id" \
  -d "customer_mapping[type]=by_id" \
  -d "value_settings[event_payload_key]=value" | field id)

PRICE_ID=$(bearer "$STRIPE_LOCAL_URL/v1/prices" \
  -d currency=usd \
  -d unit_amount=4 \
  -d billing_scheme=per_unit \
  -d "transform_quantity[divide_by]=100" \
  -d "transform_quantity[round]=up" \
  -d "recurring[usage_type]=metered" \
  -d "recurring[interval]=month" \
  -d "recurring[meter]=$METER_ID" \
  -d "product_data[name]=Hypernian tokens" | field id)

CUSTOMER_ID=$(basic "$STRIPE_LOCAL_URL/v1/customers" --data-urlencode "name=John Doe" | field id)

SUBSCRIPTION_ID=$(basic "$STRIPE_LOCAL_URL/v1/subscriptions" \
  -H "Transfer-Encoding: chunked" \
  -d customer="$CUSTOMER_ID" \
  -d "items[][price]=$PRICE_ID" | field id)

basic "$STRIPE_LOCAL_URL/v1/billing/meter_events" \
  -d event_name=hypernian_tokens \
  -d "payload[stripe_customer_id]=$CUSTOMER_ID" \
  -d "payload[value]=25" >/dev/null

TOTAL=$(basic "$STRIPE_LOCAL_URL/v1/invoices/create_preview" -d subscription="$SUBSCRIPTION_ID" | field total)

MINUTE=$(($(date +%s) / 60 * 60))
AGGREGATED=$(basic -G "$STRIPE_LOCAL_URL/v1/billing/meters/$METER_ID/event_summaries" \
  -d customer="$CUSTOMER_ID" \
  -d start_time=$((MINUTE - 600)) \
  -d end_time=$((MINUTE + 600)) | sed -n 's/.*"aggregated_value": \([0-9.]*\),/\1/p')

echo "{\"total\": $TOTAL, \"aggregated\": $AGGREGATED}"
