/* features/connections/connections_http.h — connections in the native API: what v1 has no words for. */
#pragma once
#include "features/connections/connection.h"

extern const ks_route ks_connections_routes[];
