//! What stands in paths and queries, as the document tells it.

use postern_domain::policy;
use postern_events::ids::{DeviceId, SignInId, VerificationId};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Required, schema::KnownFormat, schema::SchemaFormat};

use super::taken::{Named, text};
use crate::problem::Code;
use crate::routes;
use crate::routes::{Query, RequestName};

/// What of an identifier comes after its prefix: a ULID in its one canonical spelling.
const ULID: &str = "[0-7][0-9A-HJKMNP-TV-Z]{25}";

/// An identifier, and what it begins with.
pub(crate) trait Identifies {
    /// Its prefixes.
    const PREFIXES: &'static [&'static str];
}

impl Identifies for SignInId {
    const PREFIXES: &'static [&'static str] = &[Self::PREFIX];
}

impl Identifies for VerificationId {
    const PREFIXES: &'static [&'static str] = &[Self::PREFIX];
}

impl Identifies for DeviceId {
    const PREFIXES: &'static [&'static str] = &[Self::PREFIX];
}

impl Identifies for RequestName {
    const PREFIXES: &'static [&'static str] = &[SignInId::PREFIX, VerificationId::PREFIX];
}

impl<T: Identifies> Named for routes::Named<T> {
    /// One that can't be is as unknown as one that isn't.
    const REFUSED_AS: &'static [Code] = &[Code::NotFound];

    fn parameters() -> Vec<Parameter> {
        let form = format!("^({})_{ULID}$", T::PREFIXES.join("|"));
        vec![text("id", ParameterIn::Path, "Its name.", &form).build()]
    }
}

impl Named for Query {
    const REFUSED_AS: &'static [Code] = &[Code::InvalidRequest];

    fn parameters() -> Vec<Parameter> {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(policy::ACTIVITY_PAGE_MAX))
            .default(Some(policy::ACTIVITY_PAGE.into()))
            .build();
        let limit = ParameterBuilder::new()
            .name("limit")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some("How many there are to be on the page."))
            .schema(Some(Schema::Object(number)));
        let form = format!("^{}_{ULID}$", SignInId::PREFIX);
        let about = "The `next_cursor` of the page before.";
        vec![limit.build(), text("cursor", ParameterIn::Query, about, &form).build()]
    }
}
