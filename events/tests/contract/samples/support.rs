//! What Ada asked support for, and what somebody with an unknown address did.

use postern_events::support::{Attachment, Requested, SupportEvent};
use postern_events::vocabulary::Platform;

use super::{
    DEVICE, LOCATED_BY, ORIGIN, PLEA, POLICY, Sample, ada, full, minimal, phone, request, sealed,
};

pub(super) fn samples() -> Vec<Sample> {
    let requested = Requested {
        request: request(),
        account: Some(ada()),
        by: Some(phone()),
        plea: Some(sealed(PLEA)),
        app_version: "2.3.0".to_owned(),
        platform: Platform::Android,
        description: Some(sealed(DEVICE)),
        origin: Some(sealed(ORIGIN)),
        country: Some("CZ".to_owned()),
        located_by: Some(LOCATED_BY.to_owned()),
        attachments: vec![Attachment { content_type: "image/png".to_owned(), size: 245_760 }],
        policy: POLICY,
    };
    vec![
        full(&SupportEvent::Requested(requested.clone())),
        minimal(&SupportEvent::Requested(Requested {
            account: None,
            by: None,
            plea: None,
            description: None,
            origin: None,
            country: None,
            located_by: None,
            attachments: Vec::new(),
            ..requested
        })),
    ]
}
