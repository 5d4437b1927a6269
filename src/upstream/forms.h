/* upstream/forms.h — the ways in which a value may be written by somebody who sends it back. Internal to
 * upstream/. No state. */
#pragma once
#include "base/str.h"

/* Calls take(arg, form) for each way `value` may come back: raw, percent-encoded (once and
 * twice), JSON-escaped, with HTML's entities, base64 in both alphabets at its three alignments. The same form
 * may come twice. Forms live in wiped memory for the time of the call. False when memory is short or `take`
 * said false. */
KS_MUST bool ks_forms_each(ks_str value, bool (*take)(void *arg, ks_str form), void *arg);

/* The same for a token that is base64 already: as it is, in the URL alphabet, percent-encoded, with '/'
 * escaped; all without padding. */
KS_MUST bool ks_forms_token(ks_str token, bool (*take)(void *arg, ks_str form), void *arg);
