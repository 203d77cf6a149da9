//! What the sign-in service's codes mean to an application that signs in as itself, and what to do.
//!
//! The codes and their causes are Microsoft's
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>,
//! <https://login.microsoftonline.com/error>); those that only a person in a browser can meet are not here.
//!
//! One table for both sides: the component tells cause and cure from it, and a host that leads its
//! administrator to the one thing that helps finds there what that is.

/// What kind of trouble a code tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody has to change something; asking again helps nobody.
    Refused,
    /// The service's own trouble, which passes.
    Passes,
}

/// Whether the same sign-in may work if it is tried again, with credentials that are read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// No: somebody has to change something.
    Never,
    /// Once, at once: what was read a moment ago may have been replaced since, or taken too long on its way.
    /// Microsoft's web library does so for the same codes
    /// (<https://github.com/AzureAD/microsoft-identity-web>).
    Once,
    /// After a while: it passes by itself.
    Later,
}

/// What has to be seen to, as far as it decides where a host leads its administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The client secret: another one is entered.
    Secret,
    /// The certificate, or the token of another issuer.
    Certificate,
    /// An administrator of the tenant consents to the application.
    Consent,
    /// Tenant, application, cloud, or the policies that keep the application out.
    Connection,
    /// Nothing, for the moment: it is asked again later.
    Patience,
}

/// Codes with one cause and one cure.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// AADSTS codes.
    pub codes: &'static [u32],
    /// What kind of trouble it is.
    pub kind: Kind,
    /// Whether it is tried again.
    pub again: Again,
    /// What has to be seen to.
    pub remedy: Remedy,
    /// The cause, without a full stop.
    pub message: &'static str,
    /// The cure, in a sentence.
    pub advice: &'static str,
}

/// The meaning of a code.
#[must_use]
pub fn known(code: u32) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.codes.contains(&code))
}

const fn row(
    kind: Kind,
    remedy: Remedy,
    codes: &'static [u32],
    message: &'static str,
    advice: &'static str,
) -> Known {
    Known {
        codes,
        kind,
        again: match kind {
            Kind::Refused => Again::Never,
            Kind::Passes => Again::Later,
        },
        remedy,
        message,
        advice,
    }
}

const fn secret(codes: &'static [u32], message: &'static str, advice: &'static str) -> Known {
    row(Kind::Refused, Remedy::Secret, codes, message, advice)
}

const fn certificate(
    again: Again,
    codes: &'static [u32],
    message: &'static str,
    advice: &'static str,
) -> Known {
    Known {
        again,
        ..row(Kind::Refused, Remedy::Certificate, codes, message, advice)
    }
}

const fn consent(codes: &'static [u32], message: &'static str, advice: &'static str) -> Known {
    row(Kind::Refused, Remedy::Consent, codes, message, advice)
}

const fn connection(codes: &'static [u32], message: &'static str, advice: &'static str) -> Known {
    row(Kind::Refused, Remedy::Connection, codes, message, advice)
}

const fn too_often(codes: &'static [u32], message: &'static str, advice: &'static str) -> Known {
    row(Kind::Refused, Remedy::Patience, codes, message, advice)
}

const fn passes(codes: &'static [u32], message: &'static str, advice: &'static str) -> Known {
    row(Kind::Passes, Remedy::Patience, codes, message, advice)
}

/// Every code that is known.
pub static KNOWN: &[Known] = &[
    // The secret.
    secret(
        &[7_000_215],
        "The client secret is wrong",
        "Store the secret's value at the host, not its id: Entra shows the value only once, when the secret is made. Where it is lost, make a new secret.",
    ),
    secret(
        &[7_000_222],
        "The client secret has expired",
        "Make a new client secret in the app registration and store its value at the host.",
    ),
    secret(
        &[7_000_216, 7_000_218],
        "The sign-in carried no client secret",
        "Store the client secret's value at the host; an empty one does not do.",
    ),
    secret(
        &[50_012, 50_013, 70_002, 500_133, 700_030],
        "The application's credentials are not valid",
        "Make a new client secret or certificate in the app registration and store it at the host.",
    ),
    // The certificate (https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
    certificate(
        Again::Once,
        &[700_027],
        "The application has no such certificate, or it has expired there, or another key signed",
        "Upload the certificate to the app registration, under Certificates & secrets, and compare its thumbprint there with the one that is used.",
    ),
    certificate(
        Again::Once,
        &[700_024],
        "What the application proved itself with was not good at that time",
        "Check the clock of the machine that signs; where another issuer's token is used, let the host give one that has not expired.",
    ),
    certificate(
        Again::Once,
        &[7_000_214, 7_000_277],
        "The certificate was revoked",
        "Make a new certificate, upload it to the app registration, and store it with its key at the host.",
    ),
    certificate(
        Again::Once,
        &[7_000_274, 1_000_502],
        "The certificate has expired, or is not valid yet",
        "Make a new certificate, upload it to the app registration, and store it with its key at the host.",
    ),
    // The token of another issuer (https://learn.microsoft.com/entra/workload-id/workload-identity-federation).
    certificate(
        Again::Later,
        &[70_021],
        "The application has no federated credential that fits the token",
        "One that was made in the last minutes is not known everywhere yet: run again. Otherwise compare issuer, subject and audience of the federated credential with the token's, to the letter.",
    ),
    certificate(
        Again::Never,
        &[
            700_021, 700_211, 700_213, 700_222, 700_226, 700_227, 700_229, 700_236, 7_002_121,
            7_002_137, 7_002_138,
        ],
        "No federated credential of the application is for this token",
        "Compare issuer, subject and audience of the federated credential in the app registration with the token's: to the letter, capitals and slashes included.",
    ),
    certificate(
        Again::Never,
        &[5_002_723, 5_002_738],
        "What the application proved itself with is signed in a way that the sign-in service does not take",
        "Let the other issuer sign its tokens with RS256.",
    ),
    connection(
        &[700_023],
        "What the application proved itself with was meant for another sign-in service",
        "Check that the configured cloud is the tenant's.",
    ),
    secret(
        &[700_025],
        "The application is registered as a public client, which has no secret",
        "In the app registration, under Authentication, set \"Allow public client flows\" to No, and make a client secret.",
    ),
    // The application.
    connection(
        &[700_011, 700_016],
        "The application is unknown in this tenant",
        "Check the application (client) id and the tenant; where both are right, an administrator of the tenant has yet to consent to the application.",
    ),
    consent(
        &[7_000_229],
        "The application has no service principal in this tenant: nobody has consented to it here",
        "Secret and ids are right. Let an administrator of this tenant grant consent to the application, which makes its enterprise application (service principal).",
    ),
    connection(
        &[7_000_112, 1_000_031],
        "The application is disabled in this tenant",
        "Enable the application under Enterprise applications in the Entra admin center.",
    ),
    connection(
        &[70_001],
        "The application is disabled, or is not in this tenant",
        "Look for it under Enterprise applications in the Entra admin center: enable it, or let an administrator grant consent where it is not there.",
    ),
    connection(
        &[50_105, 501_051],
        "The application is not assigned to what it asks for, and assignment is required",
        "Under Enterprise applications in the Entra admin center, assign it, or set \"Assignment required\" of the application that it asks for to No.",
    ),
    connection(
        &[9_002_332, 9_002_346],
        "The application is registered for another kind of accounts",
        "In the app registration, under Authentication, choose accounts in an organizational directory as supported account types.",
    ),
    connection(
        &[7_000_114],
        "The sign-in was taken for one on somebody's behalf, which the application may not make",
        "The connector signs in as the application itself: check that the application (client) id is that of the app registration, and that no gateway rewrites the request.",
    ),
    connection(
        &[50_003, 50_146, 501_461],
        "The application asks for a signing key of its own, and has none that is valid",
        "A claims mapping policy is set on the enterprise application: remove it, or renew its signing key.",
    ),
    connection(
        &[50_011, 900_971],
        "The application has no redirect URI that fits",
        "Add the consent page's redirect URI to the app registration, under Authentication, or grant consent in the Entra admin center.",
    ),
    // Consent.
    consent(
        &[65_001, 65_004, 90_008, 90_094, 90_095],
        "Nobody has consented to the application",
        "Let an administrator of the tenant grant consent to the application.",
    ),
    consent(
        &[90_099],
        "The application has not been authorised in this tenant, which a partner administers",
        "Let an administrator of the tenant consent to it, or pre-consent to it in the Partner Center.",
    ),
    consent(
        &[65_002, 65_005, 650_056],
        "The application is not set up for Microsoft Graph, or consent to it is missing",
        "Add the application permission User.Read.All of Microsoft Graph to the app registration, and let an administrator grant consent.",
    ),
    // The tenant.
    connection(
        &[90_002],
        "The tenant does not exist in this cloud",
        "Check the tenant id or domain, and that the configured cloud is the tenant's.",
    ),
    connection(
        &[5_000_225],
        "Microsoft has blocked the tenant because nobody used it for long",
        "Secret and ids are right. One of the tenant's administrators has to ask Microsoft's support by telephone to reactivate it, within 20 days of the block; after that it is deleted (https://learn.microsoft.com/entra/fundamentals/inactive-tenant).",
    ),
    connection(
        &[5_000_224],
        "Microsoft does not serve the tenant: it is blocked or was deleted",
        "Let one of the tenant's administrators look whether it is still there; Microsoft's support can reactivate a tenant that was blocked for inactivity within 20 days.",
    ),
    connection(
        &[90_085],
        "The tenant is new, and not all of Microsoft's services know it yet",
        "Wait an hour, and run again.",
    ),
    connection(
        &[
            50_029, 50_059, 50_128, 50_194, 90_019, 90_124, 90_130, 900_023, 9_001_023,
        ],
        "The tenant is written in a form that is no tenant",
        "Write the tenant's id (a GUID) or one of its verified domain names.",
    ),
    // The cloud.
    connection(
        &[90_038, 90_043, 90_051, 900_382, 900_432, 1_000_104],
        "The tenant lives in another cloud",
        "Set the configuration's cloud to the tenant's, and register the application there: registrations are not shared between clouds.",
    ),
    connection(
        &[50_049],
        "The sign-in service does not know this cloud",
        "Check the configured cloud, and the login endpoint where the configuration names one.",
    ),
    // Microsoft Graph as the resource.
    connection(
        &[28_002, 28_003, 70_011, 700_022, 901_002, 1_002_012],
        "The scope of the sign-in is not valid in this cloud",
        "Check that the configured cloud is the tenant's.",
    ),
    connection(
        &[50_001, 500_011, 650_052, 650_054, 650_057],
        "Microsoft Graph is unknown in this tenant",
        "Check that the configured cloud is the tenant's, and that the tenant is no trial that has ended.",
    ),
    connection(
        &[500_014],
        "Microsoft Graph is disabled in this tenant",
        "Its service principal was disabled by an administrator, or the tenant's subscription has lapsed: enable it under Enterprise applications (Microsoft applications) in the Entra admin center.",
    ),
    // Policies.
    connection(
        &[50_131, 53_003, 53_011, 530_032],
        "A Conditional Access policy blocks the application",
        "Exclude the application from the policy for workload identities, or allow the address that the platform signs in from.",
    ),
    connection(
        &[
            50_005, 50_097, 50_129, 50_187, 53_000, 53_001, 53_002, 530_001, 530_002, 530_003,
        ],
        "A Conditional Access policy asks for a managed device, which an application has not",
        "Exclude the application from the policy.",
    ),
    connection(
        &[
            50_072, 50_074, 50_076, 50_078, 50_079, 50_158, 53_004, 700_020,
        ],
        "A policy asks for a second factor or another step that only a person can do",
        "Exclude the application from the policy; an application signs in with its secret alone.",
    ),
    connection(
        &[530_034, 530_035],
        "The tenant's security defaults, or a suspicion of misuse, block the sign-in",
        "Look at the service principal sign-ins in the Entra admin center, which name the reason.",
    ),
    connection(
        &[50_002, 500_021, 500_022],
        "Tenant restrictions of the network that the platform is in deny this tenant",
        "A proxy on the way adds them to the sign-in: let its operator allow the tenant.",
    ),
    connection(
        &[500_212, 500_213],
        "A cross-tenant access policy denies the sign-in",
        "Allow the application in the cross-tenant access settings of the tenants concerned.",
    ),
    connection(
        &[50_053],
        "The address that the platform signs in from is blocked for malicious activity",
        "Let the platform's operator look at its outgoing address; the service principal sign-ins in the Entra admin center show it.",
    ),
    // The request.
    connection(
        &[
            16_000, 50_014, 50_020, 50_034, 50_055, 50_056, 50_057, 50_126, 51_004,
        ],
        "The sign-in was taken for that of a person",
        "The connector signs in as the application itself: check the application (client) id and the tenant, and that no gateway rewrites the request.",
    ),
    connection(
        &[
            50_192, 70_003, 90_004, 90_013, 90_014, 90_015, 90_023, 90_100, 90_117, 90_121,
            900_144, 900_561, 9_002_313,
        ],
        "The sign-in lacks something the tenant asks for, or was altered on its way",
        "Check that the application (client) id and the client secret are complete and nothing else, and that no gateway rewrites the request.",
    ),
    too_often(
        &[50_196],
        "The application signs in too often",
        "Another program uses the same application without keeping its tokens: give the connector an app registration of its own, and run again in an hour.",
    ),
    // The service.
    passes(
        &[50_033, 90_006, 90_012, 90_024, 90_033, 90_090, 90_091],
        "Microsoft's sign-in service is not available for the moment",
        "Nothing is wrong with the configuration: run again in some minutes.",
    ),
    passes(
        &[90_055],
        "The tenant receives too many sign-ins for the moment",
        "Run again in some minutes; larger intervals between runs help where this happens often.",
    ),
    passes(
        &[50_000, 50_086, 90_036, 90_092, 90_093],
        "Microsoft's sign-in service failed",
        "Nothing is wrong with the configuration as far as this tells: run again later, and report the code and the request id to Microsoft's support where it stays.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_passes_is_tried_again_later_and_what_is_tried_once_is_a_credential() {
        for known in KNOWN {
            match known.again {
                Again::Later => assert!(
                    known.kind == Kind::Passes || known.remedy == Remedy::Certificate,
                    "{}",
                    known.message
                ),
                Again::Once => assert_eq!(known.remedy, Remedy::Certificate, "{}", known.message),
                Again::Never => assert_eq!(known.kind, Kind::Refused, "{}", known.message),
            }
        }
        let again = |code| known(code).map(|known| known.again);
        assert_eq!(again(70_021), Some(Again::Later));
        for code in [700_027, 700_024, 7_000_214, 1_000_502, 7_000_274, 7_000_277] {
            assert_eq!(again(code), Some(Again::Once), "{code}");
        }
        for code in [7_000_215, 7_000_222, 700_211, 700_213, 7_002_138, 90_002] {
            assert_eq!(again(code), Some(Again::Never), "{code}");
        }
    }

    #[test]
    fn each_code_stands_once_and_each_row_says_what_and_what_to_do() {
        let mut codes = HashSet::new();
        let mut messages = HashSet::new();
        for known in KNOWN {
            assert!(!known.codes.is_empty(), "{}", known.message);
            for code in known.codes {
                assert!(codes.insert(code), "{code} twice");
            }
            assert!(messages.insert(known.message), "{} twice", known.message);
            assert!(!known.message.ends_with('.'), "{}", known.message);
            assert!(known.advice.ends_with('.'), "{}", known.advice);
        }
    }
}
