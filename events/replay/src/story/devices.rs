//! What events about the devices of an account say.

use postern_events::account::{
    DeviceRenamed, DeviceRevoked, DeviceSeen, DeviceTrusted, PushEndpointDisabled,
    PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause, RevokedBecause,
    SignedOutEverywhere, TrustedBy,
};
use postern_events::vocabulary::{Alerts, PushPlatform};

use super::account::trust_ended;
use super::sentence::{Sentence, said};
use crate::phrases::{SEALED, count, device_of};

pub(super) fn trusted(it: &DeviceTrusted) -> Sentence {
    let by = match it.by {
        TrustedBy::SignIn(attempt) => format!("{attempt} let it in"),
        TrustedBy::Registration(verification) => format!("{verification} registered the account"),
    };
    let before = count(it.trusted_before, "device");
    let were = if it.trusted_before == 1 { "was" } else { "were" };
    said(format!(
        "The key of {} skips the second step from now on: {} (what it is called and where it was: {SEALED}).",
        it.device,
        device_of(it.platform)
    ))
    .given(by)
    .given(format!("{before} {were} trusted before it"))
    .under(it.policy)
}

pub(super) fn seen(it: &DeviceSeen) -> Sentence {
    said(format!("The trusted device {} was used that day.", it.device))
}

pub(super) fn revoked(it: &DeviceRevoked) -> Sentence {
    let because = match it.because {
        RevokedBecause::Removed => "its owner removed it",
        RevokedBecause::Unused => "it was unused for longer than trust lasts",
        RevokedBecause::Reported => "its owner said through a mail that what it did was not them",
    };
    said(format!("{} is trusted no longer and its sessions are over.", it.device))
        .given(because)
        .given_any(it.by.map(|by| format!("{by} asked")))
        .under(it.policy)
}

pub(super) fn signed_out_everywhere(it: &SignedOutEverywhere) -> Sentence {
    said(format!(
        "All sessions are over, and {}; {} asked in the session {}.",
        trust_ended(&it.revoked),
        it.by,
        it.session
    ))
}

pub(super) fn push_registered(it: &PushEndpointRegistered) -> Sentence {
    let through = match it.platform {
        PushPlatform::Apns => "Apple's push service",
        PushPlatform::ApnsSandbox => "Apple's push service for builds in development",
        PushPlatform::Fcm => "Firebase Cloud Messaging",
    };
    let (what, alerts) = match it.alerts {
        Alerts::Allowed => ("can be pushed to", "its owner sees what is pushed"),
        Alerts::Denied => ("can't be pushed to", "its owner forbids alerts"),
        Alerts::Unknown => ("can be pushed to", "its app can't tell whether alerts are shown"),
    };
    said(format!("{} {what} through {through}.", it.device)).given(alerts)
}

pub(super) fn push_removed(it: &PushEndpointRemoved) -> Sentence {
    let because = match it.because {
        PushRemovedBecause::Asked => "it asked for that",
        PushRemovedBecause::Moved => "its push token belongs to another device or account now",
    };
    said(format!("{} is no longer pushed to.", it.device)).given(because)
}

pub(super) fn push_disabled(it: &PushEndpointDisabled) -> Sentence {
    said(format!("The push service no longer reaches {}; registering again mends it.", it.device))
        .given(format!("{} could not be pushed", it.message))
}

pub(super) fn renamed(it: &DeviceRenamed) -> Sentence {
    said(format!("{} is called otherwise {SEALED} from now on; {} asked.", it.device, it.by))
}
