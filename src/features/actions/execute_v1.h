/* features/actions/execute_v1.h — execute and proxy on the wire of the guide's era. */
#pragma once
#include "http/exchange.h"

extern const ks_route ks_execute_v1_routes[];
