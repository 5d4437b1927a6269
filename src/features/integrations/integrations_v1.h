/* features/integrations/integrations_v1.h — integrations on the wire of the guide's era. */
#pragma once
#include "features/integrations/integration.h"
#include "http/exchange.h"

extern const ks_route ks_integrations_v1_routes[];
