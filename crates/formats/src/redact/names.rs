//! Names that say that what follows is secret.

/// Words that make a name secret wherever they are in it; compared without case and separators.
const SECRET_WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "subscriptionkey",
    "authorization",
    "credential",
    "assertion",
    "cookie",
    "sessionid",
];

/// Names that are secret as a whole.
const SECRET_NAMES: [&str; 9] = ["pwd", "pin", "otp", "sig", "signature", "jwt", "auth", "sid", "xauth"];

/// Names that hold one of the words and no secret.
const PLAIN_NAMES: [&str; 17] = [
    "changepassword",
    "tokentype",
    "tokenurl",
    "tokenendpoint",
    "tokentypehint",
    "tokenendpointauthmethod",
    "issuedtokentype",
    "requestedtokentype",
    "subjecttokentype",
    "clientassertiontype",
    "passwordpolicy",
    "passwordexpired",
    "credentialtype",
    "mustchangepassword",
    "passwordlastchanged",
    "cookiepolicy",
    "xcontenttokens",
];

/// Whether the value of a member, a header field, a parameter or a cookie with this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    // Paths of PATCH and names of extensions end with the attribute that counts.
    let name = name.rsplit([':', '.']).next().unwrap_or(name);
    let mut plain = String::with_capacity(name.len());
    plain.extend(name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()));
    // A placeholder of an earlier redaction is none.
    if plain.len() < 3 || plain.contains("redacted") || PLAIN_NAMES.contains(&plain.as_str()) {
        return false;
    }
    SECRET_NAMES.contains(&plain.as_str()) || SECRET_WORDS.iter().any(|word| plain.contains(word))
}

/// Whether a parameter of a query or of a form is one; some names are secret only there.
pub(super) fn is_secret_parameter(name: &str) -> bool {
    is_secret(name)
        || ["code", "key", "code_verifier", "api_key", "state"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_secret_by_the_words_in_it() {
        for name in [
            "password",
            "Client_Secret",
            "X-Api-Key",
            "access_token",
            "urn:example:2.0:User:initialPassword",
            "user.password",
            "id-token",
            "pwd",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in
            ["changePassword", "token_type", "userName", "pinned", "id", "authority", "www-authenticate", "codes"]
        {
            assert!(!is_secret(name), "{name}");
        }
        assert!(is_secret_parameter("code") && !is_secret("code"));
    }
}
