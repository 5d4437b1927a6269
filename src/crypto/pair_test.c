/* crypto/pair_test.c — certificates and keys that fit, and those that do not. The pairs were made for this
 * test and are known to nobody. */
#include "crypto/pair.h"

#include "tests/support/test.h"

static const char certificate_one[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MIIBgTCCASegAwIBAgIUXmNREyCQsVGF6+U0AUT0IzDMcXgwCgYIKoZIzj0EAwIw\n"
                                      "FTETMBEGA1UEAwwKY2xpZW50LW9uZTAgFw0yNjExMjIyMjQ5NTZaGA8yMTI2MTAy\n"
                                      "OTIyNDk1NlowFTETMBEGA1UEAwwKY2xpZW50LW9uZTBZMBMGByqGSM49AgEGCCqG\n"
                                      "SM49AwEHA0IABGbuIsELB3Upy5qpyoo3mOum3fp3xEr7+7Ozea0gQqZ1gg5RVn32\n"
                                      "qKE43JmfMrDT4YyUWM+Qw6j24kJVobWJ3qmjUzBRMB0GA1UdDgQWBBS1+qEZ/0uq\n"
                                      "fGnLKzc4T5DjQn2phzAfBgNVHSMEGDAWgBS1+qEZ/0uqfGnLKzc4T5DjQn2phzAP\n"
                                      "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCID9rPoGlMRIsYr65HV08\n"
                                      "DIHKpdyeWkoJZRI0QbNSeULjAiEA+kOo5aI2T2yFR2nQ68MUa4To1RxZU9N0Jlj4\n"
                                      "OBX9djo=\n"
                                      "-----END CERTIFICATE-----\n";
static const char key_one[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5yYANxYB3i/3vpns\n"
                              "WKOsXehHwFOeYgZuMSVc3JSy92KhRANCAARm7iLBCwd1KcuaqcqKN5jrpt36d8RK\n"
                              "+/uzs3mtIEKmdYIOUVZ99qihONyZnzKw0+GMlFjPkMOo9uJCVaG1id6p\n"
                              "-----END PRIVATE KEY-----\n";
static const char key_two[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSHxnez4FizEHxEc9\n"
                              "bdzEdb46b1cohBC57bqoPwfVeXmhRANCAATVDIWgn6xnrQeD/Rm8hfvJLrbF+3B5\n"
                              "uzuzxQNIWgOfMu5E9+ccEVK5edO62NMhSi0ns1cslvTWplhU9rWV2tyC\n"
                              "-----END PRIVATE KEY-----\n";

static void expect(const char *certificate, const char *key, ks_pair_fault want)
{
    ks_secret *c = ks_secret_heap(certificate, strlen(certificate)), *k = ks_secret_heap(key, strlen(key));
    assert_true(c != NULL && k != NULL);
    assert_int_equal(ks_pair_judge(c, k), want);
    ks_secret_free(c);
    ks_secret_free(k);
}

static void a_key_fits_its_own_certificate_and_no_other(void **state)
{
    (void)state;
    expect(certificate_one, key_one, KS_PAIR_FITS);
    expect(certificate_one, key_two, KS_PAIR_OTHER_KEY);
}

static void what_is_no_pem_is_told_by_its_half(void **state)
{
    (void)state;
    expect("", key_one, KS_PAIR_NO_CERTIFICATE);
    expect("made-up", key_one, KS_PAIR_NO_CERTIFICATE);
    expect(key_one, key_one, KS_PAIR_NO_CERTIFICATE);
    expect(certificate_one, "", KS_PAIR_NO_KEY);
    expect(certificate_one, certificate_one, KS_PAIR_NO_KEY);
}

KS_TESTS(a_key_fits_its_own_certificate_and_no_other, what_is_no_pem_is_told_by_its_half)
