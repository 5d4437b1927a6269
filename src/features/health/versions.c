/* features/health/versions.c — asks each library for its version; calls nothing else of any of them. */
#include "features/health/versions.h"

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <yaml.h>

void ks_versions(ks_ctx *cx, ks_version out[KS_VERSIONS])
{
    const ks_version all[KS_VERSIONS] = {
        {"keysteward", KS_S(KS_VERSION)},
        {"libmicrohttpd", ks_copy(cx, ks_str_of(MHD_get_version()))},
        {"gnutls", ks_copy(cx, ks_str_of(gnutls_check_version(NULL)))},
        {"libcurl", ks_copy(cx, ks_str_of(curl_version_info(CURLVERSION_NOW)->version))},
        {"openssl", ks_copy(cx, ks_str_of(OpenSSL_version(OPENSSL_VERSION_STRING)))},
        {"jansson", ks_copy(cx, ks_str_of(jansson_version_str()))},
        {"sqlite", ks_copy(cx, ks_str_of(sqlite3_libversion()))},
        {"libsodium", ks_copy(cx, ks_str_of(sodium_version_string()))},
        {"libyaml", ks_copy(cx, ks_str_of(yaml_get_version_string()))},
    };
    memcpy(out, all, sizeof all);
}
