/* features/connections/connections_v1.h — connected accounts on the wire of the guide's era. */
#pragma once
#include "features/connections/connection.h"

extern const ks_route ks_connections_v1_routes[];
