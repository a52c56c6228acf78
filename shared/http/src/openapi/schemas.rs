//! The shapes of what is sent and answered, each once and under one name.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};

/// The shapes that calls refer to.
#[derive(Default)]
pub(crate) struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Refers to a type's shape, and keeps it with all that it refers to.
    pub(super) fn reference<T: ToSchema>(&mut self) -> Ref {
        let mut found = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        for (name, schema) in found {
            self.keep(name, schema);
        }
        Ref::from_schema_name(T::name())
    }

    /// Two shapes of one name would leave clients with one of them; only the tests meet that.
    fn keep(&mut self, name: String, schema: RefOr<Schema>) {
        debug_assert!(
            self.0.get(&name).is_none_or(|known| *known == schema),
            "there are two shapes of the name {name}"
        );
        self.0.insert(name, schema);
    }

    /// All of them.
    pub(super) fn all(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }
}
