//! Every figure of policy, each with its reason. The contract's table "Policy" is this file.

use jiff::SignedDuration;

/// Recorded with every decision, so that a changed figure can be tried on the recorded log.
pub const VERSION: u16 = 1;

// Codes

/// A person can carry six digits from a mail to a phone in the head.
pub const CODE_DIGITS: u32 = 6;
/// A code that stands alone, without the password, is a hundred times harder to guess.
pub const RECOVERY_DIGITS: u32 = 8;
/// Long enough for a slow mail, short enough that a code found later is worthless.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// An attempt outlives one code, so that a late mail can be asked for again.
pub const ATTEMPT_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// At six digits, five guesses succeed once in 200,000.
pub const GUESSES_PER_ATTEMPT: u8 = 5;
/// Mail needs about this long; before it, a second copy would only confuse.
pub const FIRST_RESEND_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Whoever asks again and again is not helped by speed.
pub const NEXT_RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Sends of one attempt over all methods: nobody's mailbox is a target.
pub const SENDS_PER_ATTEMPT: u8 = 5;
/// How often a client that waits should look.
pub const POLL_EVERY: SignedDuration = SignedDuration::from_secs(3);

// Guesses over all attempts of an account

/// Wrong codes in a row after which code entry pauses: two attempts' worth.
pub const WRONG_CODES_PER_PAUSE: u16 = 10;
/// The first pause; each further one is twice as long.
pub const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// No pause is longer, so that the owner of a lost phone is not shut out for days.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);
/// Wrong codes in a row that only a new password forgives: nobody mistypes a hundred times.
pub const WRONG_CODES_TO_SWITCH_OFF: u16 = 100;

/// Wrong codes a day that stand alone, without the password: at eight digits, a hundred days of
/// them succeed once in 100,000.
pub const WRONG_RECOVERY_CODES_A_DAY: u8 = 10;

/// Recovery codes of a set: enough for years, few enough for a slip of paper.
pub const RECOVERY_CODES: u8 = 10;
/// After the mailbox alone has set a new password, a mailed code lets no new key in for this long:
/// one mailbox would else be both factors, and the owner's phones need time to be looked at.
pub const RESET_HOLD: SignedDuration = SignedDuration::from_hours(24);

// Attempts on untrusted keys, behind the right password

/// A person tries a new phone a few times, a program tries all night.
pub const NEW_DEVICE_ATTEMPTS_AN_HOUR: usize = 5;
/// The same over a day; it also bounds what the account's guard remembers.
pub const NEW_DEVICE_ATTEMPTS_A_DAY: usize = 20;

// What is sent, and to whom

/// Code mails behind the right password: as many as one attempt can ask for.
pub const MAILS_AT_ONCE: u8 = SENDS_PER_ATTEMPT;
/// After those, one each time this long has passed.
pub const MAIL_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Code mails of an account a day: somebody who has the password can't fill the mailbox with them.
pub const MAILS_A_DAY: u8 = 20;
/// Mails to an address that anybody can ask for: the first, and one more for a mail that got lost.
pub const OPEN_MAILS_AT_ONCE: u8 = 2;
/// After those, one each time this long has passed.
pub const OPEN_MAIL_EVERY: SignedDuration = SignedDuration::from_mins(30);
/// Such mails to an address a day: a stranger's mailbox is no toy.
pub const OPEN_MAILS_A_DAY: u8 = 6;
/// Sends by app a day without a right code: whoever is asked more often says yes in the end.
pub const PUSHES_A_DAY: u8 = 10;
/// The same notice about the same device within this time is said once.
pub const NOTICE_MERGED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

// Wrong passwords, and requests without a proven owner

/// Wrong passwords for an address from one network before each further one has to wait.
pub const WRONG_PASSWORDS_AT_ONCE: u16 = 5;
/// The first wait; each further one is twice as long.
pub const FIRST_PASSWORD_DELAY: SignedDuration = SignedDuration::from_mins(1);
/// No wait is longer, so that a forgotten password doesn't cost a day.
pub const LONGEST_PASSWORD_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// Wrong passwords for an address a day over all networks and untrusted keys: a list of common
/// passwords takes months.
pub const WRONG_PASSWORDS_A_DAY: usize = 100;
/// Wrong passwords on a trusted key a day: its own count, so that others can't shut it out, and
/// low, because a stolen phone has it too.
pub const WRONG_PASSWORDS_ON_A_TRUSTED_KEY: usize = 10;
/// Requests of one network that nobody proves to be theirs, within [`SOURCE_WINDOW`]; a household
/// or an office behind one address stays below it.
pub const SOURCE_POSTS: usize = 60;
/// See [`SOURCE_POSTS`].
pub const SOURCE_WINDOW: SignedDuration = SignedDuration::from_mins(10);

// Devices and sessions

/// Sensitive calls pass for this long behind a step-up: long enough for a form, too short for
/// somebody who finds the phone.
pub const STEP_UP_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// More trusted keys than a household has phones are not kept track of by anyone.
pub const TRUSTED_DEVICES: usize = 20;
/// A phone unused for a season is probably sold.
pub const TRUST_UNUSED: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A key trusted for less may be an intruder's: it can't push out its elders.
pub const YOUNG_DEVICE: SignedDuration = SignedDuration::from_hours(24);
/// How often the use of a device is recorded: often enough for [`TRUST_UNUSED`], at the cost of
/// one write a day.
pub const SEEN_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// An access token; short, though it is checked against the session on every request anyway.
pub const ACCESS_TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// A session ends this long after its last refresh.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

// Passwords

/// NIST SP 800-63B-4: at least eight characters where a second factor stands beside it.
pub const PASSWORD_MIN: usize = 8;
/// NIST SP 800-63B-4: at least fifteen where the password stands alone.
pub const PASSWORD_MIN_ALONE: usize = 15;
/// Longer ones only cost time to hash.
pub const PASSWORD_MAX: usize = 256;
/// zxcvbn's scale ends at 4; 3 means safe against an offline attack on a slow hash.
pub const PASSWORD_SCORE: u8 = 3;

// Messages

/// A sender that has not finished by then is taken for dead.
pub const MESSAGE_LEASE: SignedDuration = SignedDuration::from_secs(60);
/// The first wait after a carrier did not take a message; doubled each time.
pub const FIRST_RETRY_AFTER: SignedDuration = SignedDuration::from_secs(15);
/// Closer to the deadline than twice this, a message would come too late to be read.
pub const SHORTEST_RETRY: SignedDuration = SignedDuration::from_secs(2);
/// No wait is longer.
pub const LONGEST_RETRY: SignedDuration = SignedDuration::from_mins(15);
/// A notice that comes later than this would frighten more than it helps.
pub const NOTICE_DEADLINE: SignedDuration = SignedDuration::from_hours(24);
/// Unsent messages are looked for this often.
pub const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The last message of an erased account: the person can be read until then, and no longer.
pub const ERASURE_DEADLINE: SignedDuration = SignedDuration::from_hours(1);
/// A link that says "it wasn't me" works for this long: mail is read late, and sold mailboxes later.
pub const REPORT_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

// Support

/// Requests for help about one account or address a day.
pub const SUPPORT_REQUESTS_A_DAY: u8 = 5;
/// Characters of such a request: a page, within what a call may carry.
pub const SUPPORT_CHARACTERS: usize = 3_000;
/// Photos with a request: the screens that the FAQ asks for, and a few more.
pub const ATTACHMENTS: usize = 5;
/// A photo of a screen has fewer bytes.
pub const ATTACHMENT_BYTES: u64 = 5 * 1_024 * 1_024;
/// Formats that phones make photos in; nothing that a program would run.
pub const ATTACHMENT_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/heic", "image/webp"];
/// An upload begins within this time or not at all.
pub const UPLOAD_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// One that began in time has ended by then: five megabytes on a bad connection.
pub const LONGEST_UPLOAD: SignedDuration = SignedDuration::from_mins(15);

// Repeats, and lists

/// A call is known again by its `Idempotency-Key` for this long.
pub const IDEMPOTENCY_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Login activity on one page, unless fewer or more are asked for.
pub const ACTIVITY_PAGE: u16 = 20;
/// And at most: what one read brings.
pub const ACTIVITY_PAGE_MAX: u16 = 100;

// Proofs

/// How far a proof's clock may be off, either way.
pub const PROOF_SKEW: SignedDuration = SignedDuration::from_secs(60);
