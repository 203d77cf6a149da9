//! `$filter` on users and groups: parse, check against what the directory serves, evaluate.
//!
//! The directory serves far less than OData defines, and serves some of it as an advanced query
//! only (<https://learn.microsoft.com/graph/aad-advanced-queries>). So an expression is checked as a
//! whole before a single object is looked at.

mod evaluate;
mod lexer;
mod parser;
mod support;

use crate::failure::Failure;
use crate::schema::Schema;
use emulated_directory::period::Period;
use emulated_directory::subject::Subject;

/// When an account was created.
const CREATED: &str = "createdDateTime";

/// A filter that was parsed and is served under the request's conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Expression);

/// A boolean expression.
#[derive(Clone, Debug, PartialEq)]
enum Expression {
    All(Vec<Expression>),
    Either(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Comparison, Literal),
    In(Operand, Vec<Literal>),
    StartsWith(Operand, String),
    EndsWith(Operand, String),
    /// Some element of a collection; without a predicate: the collection is not empty.
    Any(String, Option<Box<Expression>>),
    /// `collection/$count`.
    Count(String, Comparison, f64),
}

/// What a comparison looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    /// A property of the user in the service's spelling, and a member of it.
    Property(String, Option<String>),
    /// The element a lambda is at, or a member of it.
    Element(String, Option<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    Above,
    Below,
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Flag(bool),
    Text(String),
    Number(f64),
    /// A date, a moment or a GUID, written without quotes.
    Bare(String),
}

impl Filter {
    /// Parses and checks the value of `$filter`.
    ///
    /// # Errors
    /// 400 `BadRequest` for what is no filter, 400 `Request_UnsupportedQuery` for what the directory
    /// does not serve, or only as an advanced query.
    pub fn parse(schema: Schema, text: &str, advanced: bool) -> Result<Self, Failure> {
        let expression = parser::parse(schema, text)?;
        support::check(schema, &expression, advanced)?;
        Ok(Self(expression))
    }

    /// The object ids of a filter that is `id eq '…'` joined by `or`, as delta serves it; `None` for
    /// any other.
    ///
    /// # Errors
    /// 400 for what is no filter.
    pub fn parse_ids(text: &str) -> Result<Option<Vec<String>>, Failure> {
        fn collect(expression: &Expression, ids: &mut Vec<String>) -> bool {
            match expression {
                Expression::Either(parts) => parts.iter().all(|part| collect(part, ids)),
                Expression::Compare(Operand::Property(name, None), Comparison::Equal, literal)
                    if name == "id" =>
                {
                    match literal {
                        Literal::Text(id) | Literal::Bare(id) => ids.push(id.clone()),
                        _ => return false,
                    }
                    true
                }
                _ => false,
            }
        }
        let mut ids = Vec::new();
        let expression = parser::parse(Schema::User, text)?;
        Ok(collect(&expression, &mut ids).then_some(ids))
    }

    /// The period in which whoever passes was created, where that is all that the filter asks for.
    pub fn period(&self) -> Option<Period> {
        let parts = match &self.0 {
            Expression::All(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut period = Period::default();
        for part in parts {
            let Expression::Compare(Operand::Property(name, None), comparison, literal) = part
            else {
                return None;
            };
            let (CREATED, Literal::Bare(moment)) = (&**name, literal) else {
                return None;
            };
            period = match comparison {
                Comparison::AtLeast => period.from(moment)?,
                Comparison::AtMost => period.to(moment)?,
                _ => return None,
            };
        }
        Some(period)
    }

    /// Whether an object passes.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        evaluate::holds(&self.0, subject, None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passes(filter: &str, user: &serde_json::Value) -> bool {
        let filter = Filter::parse(Schema::User, filter, true)
            .unwrap_or_else(|e| panic!("{filter}: {}", e.message));
        filter.matches(&Subject::Stated(user.as_object().unwrap()))
    }

    fn refused(filter: &str, advanced: bool) -> (String, String) {
        let failure = Filter::parse(Schema::User, filter, advanced).expect_err(filter);
        assert_eq!(failure.status, 400, "{filter}");
        (failure.code.into_owned(), failure.message.into_owned())
    }

    #[test]
    fn the_operators_mean_what_odata_says() {
        let user = json!({
            "displayName": "Miles O'Brien", "department": "R&D", "accountEnabled": true,
            "otherMails": ["a@home.example", "b@home.example"],
            "createdDateTime": "2024-03-01T09:00:00Z",
            "assignedLicenses": [{"skuId": "45715bb8-13f9-4bf6-927f-ef96c102d394"}],
            "assignedPlans": [{"service": "exchange", "capabilityStatus": "Enabled"}],
            "onPremisesExtensionAttributes": {"extensionAttribute1": "north"},
            "employeeOrgData": {"costCenter": "4711"},
        });
        for holds in [
            "displayName eq 'miles o''brien'",
            "displayName ne 'x' and accountEnabled eq true",
            "accountEnabled ne false",
            "not(department eq 'Sales')",
            "not startsWith(department, 'Sa')",
            "department in ('Sales', 'r&d')",
            "startswith(displayName,'Miles') or department eq 'Sales'",
            "department eq 'Sales' or (accountEnabled eq true and city eq null)",
            "otherMails/any(m:m eq 'b@home.example')",
            "otherMails/any(m:startsWith(m,'b@'))",
            "otherMails/any(m: endsWith(m, 'home.example') and startsWith(m, 'a'))",
            "otherMails/any()",
            "otherMails/$count ne 0",
            "createdDateTime ge 2024-03-01T00:00:00Z",
            "createdDateTime le 2024-03-02",
            "assignedLicenses/any(a:a/skuId eq 45715bb8-13f9-4bf6-927f-ef96c102d394)",
            "assignedPlans/any(p:p/service eq 'exchange' and p/capabilityStatus eq 'Enabled')",
            "onPremisesExtensionAttributes/extensionAttribute1 eq 'north'",
            "employeeOrgData/costCenter eq '4711'",
            "mobilePhone eq null",
        ] {
            assert!(passes(holds, &user), "{holds}");
        }
        for fails in [
            "displayName eq 'Miles'",
            "department eq null",
            "accountEnabled eq false",
            "otherMails/any(m:m eq 'c@home.example')",
            "otherMails/$count eq 0",
            "proxyAddresses/any()",
            "createdDateTime ge 2024-03-01T09:00:01Z",
            "city eq 'Seattle'",
            "startsWith(city,'S')",
            "department in ('Sales')",
        ] {
            assert!(!passes(fails, &user), "{fails}");
        }
    }

    #[test]
    fn what_needs_an_advanced_query_is_refused_without_one() {
        for filter in [
            "displayName ne 'x'",
            "not(displayName eq 'x')",
            "companyName eq 'Contoso'",
            "startsWith(mobilePhone,'+1')",
            "businessPhones/any(p:p eq '+1')",
            "city eq null",
            "otherMails/$count eq 0",
            "endsWith(mail,'.com')",
        ] {
            assert_eq!(
                refused(filter, false).0,
                "Request_UnsupportedQuery",
                "{filter}"
            );
            assert!(
                Filter::parse(Schema::User, filter, true).is_ok(),
                "{filter}"
            );
        }
        assert_eq!(
            refused("endsWith(userPrincipalName,'#EXT#@contoso.com')", false).1,
            "Operator 'endsWith' is not supported because the required parameters might be missing. \
             Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to \
             https://aka.ms/graph-docs/advanced-queries for more information"
        );
    }

    #[test]
    fn what_the_directory_never_serves_is_refused_always() {
        for filter in [
            "passwordPolicies eq 'x'",
            "displayName ge 'a'",
            "displayName gt 'a'",
            "endsWith(displayName,'x')",
            "contains(displayName,'x')",
            "onPremisesDomainName eq 'x'",
        ] {
            assert_eq!(
                refused(filter, true).0,
                "Request_UnsupportedQuery",
                "{filter}"
            );
        }
        assert_eq!(
            refused("identities/any(i:i/issuer eq 'x')", true).0,
            "Request_UnsupportedQuery"
        );
        assert!(Filter::parse(Schema::User, "identities/any(i:i/issuer eq 'x')", false).is_ok());
    }

    #[test]
    fn what_is_no_filter_is_refused_without_a_panic() {
        for filter in [
            "",
            "(",
            "displayName",
            "displayName eq",
            "displayName eq 'x",
            "eq eq eq",
            "shoeSize eq 4",
            "displayName eq 'a' and",
            "startsWith(displayName)",
            "x/y/z eq 1",
            "accountEnabled eq 'true'",
            "displayName eq true",
            "otherMails/any(m m eq 'x')",
            "otherMails eq 'x'",
            "department in ()",
            "department in ('a' 'b')",
            "()",
            "not",
            "displayName eq 'a') or (true",
            "é eq 'ü'",
            "otherMails/any(m:n eq 'x')",
            "'",
        ] {
            assert_eq!(refused(filter, true).0, "BadRequest", "{filter}");
        }
        assert_eq!(refused(&"(".repeat(10_000), true).0, "BadRequest");
        assert_eq!(refused(&"not ".repeat(10_000), true).0, "BadRequest");
    }

    #[test]
    fn a_creation_date_is_compared_by_ge_and_le_and_by_nothing_else() {
        for served in ["ge", "le"] {
            let filter = format!("createdDateTime {served} 2024-03-01T00:00:00.9999999Z");
            assert!(
                Filter::parse(Schema::User, &filter, false).is_ok(),
                "{filter}"
            );
        }
        // https://github.com/microsoftgraph/microsoft-graph-docs/issues/12688
        for refused_operator in ["lt", "gt"] {
            let filter = format!("createdDateTime {refused_operator} 2024-03-01T00:00:00Z");
            assert_eq!(refused(&filter, true).0, "Request_UnsupportedQuery");
        }
        let null = "createdDateTime eq null";
        assert_eq!(refused(null, false).0, "Request_UnsupportedQuery");
        assert!(passes(null, &json!({})));
        assert!(!passes(
            null,
            &json!({"createdDateTime": "2024-03-01T09:00:00Z"})
        ));
    }

    #[test]
    fn a_period_is_told_where_nothing_else_is_asked_for() {
        let period = |text| Filter::parse(Schema::User, text, true).unwrap().period();
        let (from, to) = ("2024-03-01T00:00:00Z", "2024-03-31T23:59:59.9999999Z");
        let both = Period::default().from(from).unwrap().to(to);
        let filter = format!("createdDateTime ge {from} and createdDateTime le {to}");
        assert_eq!(period(&filter), both);
        for more in [
            "createdDateTime eq null",
            "createdDateTime ge 2024-03-01T00:00:00Z and city eq 'Graz'",
            "createdDateTime ge 2024-03-01T00:00:00Z or createdDateTime le 2020-01-01",
            "not(createdDateTime ge 2024-03-01T00:00:00Z)",
        ] {
            assert_eq!(period(more), None, "{more}");
        }
    }

    #[test]
    fn a_list_of_ids_is_recognised_and_nothing_else_is() {
        let ids = |text| Filter::parse_ids(text).unwrap();
        assert_eq!(ids("id eq 'a'"), Some(vec!["a".to_owned()]));
        assert_eq!(
            ids("id eq 'a' or (id eq 'b' or ID eq 'c')").map(|ids| ids.len()),
            Some(3)
        );
        assert_eq!(ids("id eq 'a' and id eq 'b'"), None);
        assert_eq!(ids("displayName eq 'a'"), None);
    }
}
