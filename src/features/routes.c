/* features/routes.c — the tables the server serves to its callers; the ghosts' own is not among them. No
 * code. */
#include "features/routes.h"

/* A line each, so that lists grow without touching their neighbours. */
/* clang-format off */
const ks_route *const ks_served_routes[] = {
    ks_health_routes,
    ks_openapi_routes,
    ks_apps_v1_routes,
    ks_actions_v1_routes,
    ks_integrations_v1_routes,
    ks_connections_v1_routes,
    ks_execute_v1_routes,
    ks_apps_routes,
    ks_project_apps_routes,
    ks_import_routes,
    ks_recognise_routes,
    ks_integrations_routes,
    ks_budgets_routes,
    ks_connections_routes,
    ks_canary_routes,
    ks_acting_routes,
    ks_query_routes,
    ks_files_routes,
    ks_audit_routes,
    ks_calls_routes,
    ks_tokens_routes,
    ks_toolkits_v3_routes,
    ks_tools_v3_routes,
    ks_auth_configs_v3_routes,
    ks_connected_accounts_v3_routes,
    ks_execute_v3_routes,
    ks_links_routes,
    ks_connect_page_routes, ks_assets_routes, ks_look_routes,
    ks_settings_routes,
    ks_sign_in_routes,
    ks_dash_overview_routes, ks_dash_calls_routes, ks_dash_audit_routes,
    ks_dash_connections_routes, ks_dash_connection_routes, ks_dash_links_routes,
    ks_dash_keys_routes,
    ks_dash_settings_routes, ks_dash_look_routes,
    ks_dash_integrations_routes, ks_dash_integration_routes, ks_dash_integration_new_routes,
    ks_dash_apps_routes, ks_dash_app_routes,
    NULL,
};
/* clang-format on */
