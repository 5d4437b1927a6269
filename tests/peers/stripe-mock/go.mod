module keysteward/tests/peers/stripe-mock

go 1.19

require github.com/stripe/stripe-mock v0.170.0
