//! The functions that follow the log or a topic, and what each of them is invoked with.

use std::sync::Arc;

use postern_domain::codes::CodeKeys;
use postern_feedback::FeedbackFunction;
use postern_messages::delivery::{ASKING, Delivery};
use postern_messages::feedback::Listener;
use postern_messages::letters::Letters;
use postern_messages::ses::SesMailer;
use postern_messages::sns::{PushApplications, SnsPush};
use postern_notify::Notify;
use postern_project::Project;
use postern_runtime::chance::SystemChance;
use postern_runtime::config::Config;
use postern_runtime::secrets::{BadSecrets, Secrets};
use postern_store::Store;
use postern_store::keys::DEFAULT_PREFIX;
use postern_store::vault::KeyEncryptionKeys;

use super::uploads;
use crate::faults::Crashing;
use crate::poller::Subscription;
use crate::settings::StartError;
use crate::stack::Stack;
use crate::timer::Sweep;
use crate::topic::TopicFunction;

/// `notify` as it runs here: its carriers crash when they are asked to.
pub(super) type LocalNotify = Notify<Crashing<SesMailer>, Crashing<SnsPush>>;

/// The function `notify`, which the stream and the schedule share.
pub(super) fn notify(
    stack: &Stack,
    secrets: &Secrets,
    config: &Config,
) -> Result<Arc<LocalNotify>, StartError> {
    let (vault_keys, code_keys) = keys(secrets)
        .map_err(|error| StartError::Unreadable { path: stack.secrets(), source: error.into() })?;
    let store = Store::new(stack.clients().dynamodb("notify"), DEFAULT_PREFIX);
    let mailer = SesMailer::new(stack.clients().ses(), config.email_configuration_set.clone());
    let applications = PushApplications {
        apns: config.push_apns.clone(),
        apns_sandbox: config.push_apns_sandbox.clone(),
        fcm: config.push_fcm.clone(),
    };
    let pusher = SnsPush::new(stack.clients().sns(), applications);
    Ok(Arc::new(Notify::new(Delivery {
        store: store.with_keys(vault_keys),
        mailer: Crashing::new(mailer, stack.faults().clone()),
        pusher: Crashing::new(pusher, stack.faults().clone()),
        uploads: uploads(stack, config),
        letters: Letters::new().map_err(|error| StartError::Compose(error.into()))?,
        code_keys: Arc::new(code_keys),
        clock: Arc::new(stack.clock().clone()),
        chance: Arc::new(SystemChance),
        sender: config.email_sender.clone(),
        support: config.support_email.clone(),
        public_url: config.public_url.clone(),
    })))
}

fn keys(secrets: &Secrets) -> Result<(KeyEncryptionKeys, CodeKeys), BadSecrets> {
    Ok((secrets.vault_keys()?, secrets.code_keys()?))
}

/// `notify` on the stream, which is filtered as its event source mapping is.
pub(super) fn messages(notify: Arc<LocalNotify>) -> Subscription {
    let asks = |types: &[&str]| types.iter().any(|name| ASKING.contains(name));
    Subscription::of("notify", Some(asks), notify)
}

/// `notify` on its schedule: what was not sent yet.
pub(super) fn unsent(notify: Arc<LocalNotify>) -> Sweep {
    Sweep {
        name: "notify".to_owned(),
        function: Arc::new(move || {
            let notify = Arc::clone(&notify);
            Box::pin(async move { Ok(notify.sweep().await.map(drop)?) })
        }),
    }
}

/// `feedback` on the topic that SES publishes to.
pub(super) fn feedback(stack: &Stack, config: &Config) -> TopicFunction {
    let listener = Listener {
        store: Store::new(stack.clients().dynamodb("feedback"), DEFAULT_PREFIX),
        clock: Arc::new(stack.clock().clone()),
        chance: Arc::new(SystemChance),
    };
    let function = Arc::new(FeedbackFunction::new(listener, config.feedback_topic.clone()));
    Arc::new(move |event| {
        let function = Arc::clone(&function);
        Box::pin(async move { Ok(function.handle(event).await?) })
    })
}

/// `project` on the stream.
pub(super) fn project(stack: &Stack) -> Subscription {
    let store = Store::new(stack.clients().dynamodb("project"), DEFAULT_PREFIX);
    Subscription::of("project", None, Arc::new(Project::new(&store)))
}
