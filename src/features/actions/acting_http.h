/* features/actions/acting_http.h — the native API of acting: explain and the streamed call. */
#pragma once
#include "http/exchange.h"

extern const ks_route ks_acting_routes[];
