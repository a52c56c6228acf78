//! The system's random numbers.

use postern_domain::ports::Chance;

/// AWS-LC's generator, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one real source of chance")]
        let filled = aws_lc_rs::rand::fill(bytes);
        // Without chance no code, key or identifier would be safe: better no process than that.
        assert!(filled.is_ok(), "the system has no random numbers");
    }
}
