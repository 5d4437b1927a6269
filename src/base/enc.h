/* base/enc.h — percent, base64 and hex encoding into a ks_buf. RFC 3986, RFC 4648. No state. */
#pragma once
#include "base/str.h"

/* What a hex digit of either case is worth; -1 when it is none. */
int ks_hex_digit(char c);

/* All but RFC 3986 unreserved characters as %XX (upper case). */
void ks_enc_percent(ks_buf *b, ks_str s);

/* Undo percent-encoding once. False on a bad escape, %00 or malformed UTF-8; then the buffer holds a partial
 * text. `plus`: '+' means a blank (query strings). */
bool ks_dec_percent(ks_buf *b, ks_str s, bool plus);

/* Standard alphabet, with padding. */
void ks_enc_base64(ks_buf *b, ks_str s);
/* The URL alphabet, without padding. */
void ks_enc_base64url(ks_buf *b, ks_str s);

/* Standard alphabet, padding required. False when malformed. */
bool ks_dec_base64(ks_buf *b, ks_str s);
/* The URL alphabet, without padding. False when malformed. */
bool ks_dec_base64url(ks_buf *b, ks_str s);

void ks_enc_hex(ks_buf *b, const void *p, size_t n); /* lower case */
bool ks_dec_hex(ks_str s, void *out, size_t n);      /* exactly n bytes, either case */
