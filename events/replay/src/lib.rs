//! What operators do with a deployment: make tables anew from its log, and act on single accounts. No
//! mail and no push is sent from here; what an event asks for is sent by `notify`.

pub mod acts;
pub mod guards;
pub mod person;
