/* features/routes.h — the route tables of all features, for the server's wiring. Each is defined in its
 * feature's _http.c or _v1.c and ends with {0}. No code. */
#pragma once
#include "http/exchange.h"

extern const ks_route ks_health_routes[];
extern const ks_route ks_openapi_routes[];
extern const ks_route ks_tokens_routes[];
extern const ks_route ks_audit_routes[];
extern const ks_route ks_calls_routes[];
extern const ks_route ks_apps_routes[];
extern const ks_route ks_import_routes[];
extern const ks_route ks_project_apps_routes[];
extern const ks_route ks_recognise_routes[];
extern const ks_route ks_apps_v1_routes[];
extern const ks_route ks_actions_v1_routes[];
extern const ks_route ks_integrations_v1_routes[];
extern const ks_route ks_connections_v1_routes[];
extern const ks_route ks_execute_v1_routes[];
extern const ks_route ks_toolkits_v3_routes[];
extern const ks_route ks_tools_v3_routes[];
extern const ks_route ks_auth_configs_v3_routes[];
extern const ks_route ks_connected_accounts_v3_routes[];
extern const ks_route ks_execute_v3_routes[];
extern const ks_route ks_integrations_routes[];
extern const ks_route ks_budgets_routes[];
extern const ks_route ks_connections_routes[];
extern const ks_route ks_canary_routes[];
extern const ks_route ks_links_routes[];
extern const ks_route ks_connect_page_routes[];
extern const ks_route ks_assets_routes[];
extern const ks_route ks_look_routes[];
extern const ks_route ks_settings_routes[];
extern const ks_route ks_sign_in_routes[];
extern const ks_route ks_dash_audit_routes[];
extern const ks_route ks_dash_calls_routes[];
extern const ks_route ks_dash_overview_routes[];
extern const ks_route ks_dash_connections_routes[];
extern const ks_route ks_dash_connection_routes[];
extern const ks_route ks_dash_links_routes[];
extern const ks_route ks_dash_keys_routes[];
extern const ks_route ks_dash_settings_routes[];
extern const ks_route ks_dash_look_routes[];
extern const ks_route ks_dash_integrations_routes[];
extern const ks_route ks_dash_integration_routes[];
extern const ks_route ks_dash_integration_new_routes[];
extern const ks_route ks_dash_apps_routes[];
extern const ks_route ks_dash_app_routes[];
extern const ks_route ks_acting_routes[];
extern const ks_route ks_query_routes[];
extern const ks_route ks_files_routes[];
extern const ks_route ks_ghost_routes[]; /* on the ghosts' own listener only */

/* All of the above that are served to callers, NULL-terminated: the server's list and the tests'. */
extern const ks_route *const ks_served_routes[];
