/* features/links/assets.h — files that pages link to, embedded at build time by tools/embed_assets.py. Their
 * names hold a hash of their content, so that browsers may keep them for good. Constant; threads: any. */
#pragma once
#include "base/str.h"

typedef struct ks_asset {
    ks_str name;      /* "connect.0123456789ab.css": the last part of its path */
    ks_str type;      /* for Content-Type */
    ks_str integrity; /* for the attribute of that name: "sha256-..." */
    ks_str bytes, gz; /* the second gzipped */
} ks_asset;

extern const ks_asset ks_asset_connect_css, ks_asset_connect_js, ks_asset_dash_css, ks_asset_dash_js,
    ks_asset_element_js;
