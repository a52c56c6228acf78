//! Every kind of problem there is, with its status and its stable name.

use axum::http::StatusCode;

/// Every kind of problem a client can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A member is missing, unknown or not of its form.
    InvalidRequest,
    /// The body is not one JSON object without duplicate members.
    MalformedBody,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// The body is longer than any call needs.
    TooLarge,
    /// There is no such thing, or not for this caller.
    NotFound,
    /// The path exists, the method doesn't.
    MethodNotAllowed,
    /// The app is older than the minimum.
    AppUpdateRequired,
    /// The device proof is missing or wrong.
    InvalidProof,
    /// The token is missing, wrong, or its session is over.
    InvalidToken,
    /// The access token has expired; refresh it.
    TokenExpired,
    /// No account has this address and password.
    InvalidCredentials,
    /// The code is wrong.
    CodeIncorrect,
    /// The code has expired; ask for another.
    CodeExpired,
    /// The attempt is over.
    AttemptClosed,
    /// Code entry is paused on this account.
    TooManyAttempts,
    /// The code was sent a moment ago.
    ResendTooSoon,
    /// The attempt has no sends left.
    TooManySends,
    /// Too many requests, or too many wrong passwords.
    RateLimited,
    /// The method can't reach the owner.
    ChannelUnavailable,
    /// The session has to be stepped up first.
    StepUpRequired,
    /// The device is too young for this.
    DeviceTooNew,
    /// The password is too short or too easily guessed.
    WeakPassword,
    /// The key of a call that may be repeated was used for another call.
    IdempotencyKeyReused,
    /// Too many others wrote at the same moment.
    Unavailable,
    /// A fault of ours.
    Crashed,
}

impl Code {
    /// All of them.
    pub(crate) const ALL: [Self; 25] = [
        Self::InvalidRequest,
        Self::MalformedBody,
        Self::UnsupportedMediaType,
        Self::TooLarge,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AppUpdateRequired,
        Self::InvalidProof,
        Self::InvalidToken,
        Self::TokenExpired,
        Self::InvalidCredentials,
        Self::CodeIncorrect,
        Self::CodeExpired,
        Self::AttemptClosed,
        Self::TooManyAttempts,
        Self::ResendTooSoon,
        Self::TooManySends,
        Self::RateLimited,
        Self::ChannelUnavailable,
        Self::StepUpRequired,
        Self::DeviceTooNew,
        Self::WeakPassword,
        Self::IdempotencyKeyReused,
        Self::Unavailable,
        Self::Crashed,
    ];

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedBody => StatusCode::BAD_REQUEST,
            Self::InvalidProof
            | Self::InvalidToken
            | Self::TokenExpired
            | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::CodeIncorrect | Self::StepUpRequired | Self::DeviceTooNew => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ChannelUnavailable => StatusCode::CONFLICT,
            Self::CodeExpired | Self::AttemptClosed => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRequest | Self::WeakPassword | Self::IdempotencyKeyReused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::AppUpdateRequired => StatusCode::UPGRADE_REQUIRED,
            Self::TooManyAttempts
            | Self::ResendTooSoon
            | Self::TooManySends
            | Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Crashed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::MalformedBody => "malformed_body",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooLarge => "too_large",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::AppUpdateRequired => "app_update_required",
            Self::InvalidProof => "invalid_proof",
            Self::InvalidToken => "invalid_token",
            Self::TokenExpired => "token_expired",
            Self::InvalidCredentials => "invalid_credentials",
            Self::CodeIncorrect => "code_incorrect",
            Self::CodeExpired => "code_expired",
            Self::AttemptClosed => "attempt_closed",
            Self::TooManyAttempts => "too_many_attempts",
            Self::ResendTooSoon => "resend_too_soon",
            Self::TooManySends => "too_many_sends",
            Self::RateLimited => "rate_limited",
            Self::ChannelUnavailable => "channel_unavailable",
            Self::StepUpRequired => "step_up_required",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::DeviceTooNew => "device_too_new",
            Self::WeakPassword => "weak_password",
            Self::Unavailable | Self::Crashed => "unavailable",
        }
    }

    /// What the words for it are called, before `-title` and `-detail`. A fault of ours has words of
    /// its own, though it shares its name with an outage.
    pub(super) fn words(self) -> String {
        let name = if self == Self::Crashed { "crashed" } else { self.name() };
        format!("problem-{}", name.replace('_', "-"))
    }
}
