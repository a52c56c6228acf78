//! What analysts have at hand: the command line, a log in which much has happened, and the tables behind
//! everybody's back.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use aws_sdk_dynamodb::Client as Tables;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use postern_client::client::Client;
use postern_client::mail::wrong_code;
use postern_journeys::program::command_line;
use serde_json::{Value, json};

use crate::erasure::erase;
use crate::operators::Ended;
use crate::owners::{DAY, step_up};
use crate::phones::{
    NEIGHBOUR, NEIGHBOURS_PASSWORD, asked_by, let_in, neighbour, shown, two_phones,
};
use crate::recounts::tables_at;
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, asked, id, ok, refused};

/// The command line of an analyst of this stack, whose tables are reached at an address.
pub(crate) fn command_at(world: &World, tables: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(command_line().unwrap());
    command
        .args(arguments)
        .env_clear()
        .env("AWS_ENDPOINT_URL", tables)
        .env("AWS_REGION", "local")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("XDG_CACHE_HOME", beside(world, "cache"));
    command
}

/// The command line of an analyst of this stack.
pub(crate) fn command(world: &World, arguments: &[&str]) -> Command {
    command_at(world, &tables_at(world), arguments)
}

/// Runs it to its end.
pub(crate) fn run(world: &World, arguments: &[&str]) -> Ended {
    ended(command(world, arguments))
}

/// Runs a command to its end.
pub(crate) fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a command says that finds nothing wrong.
pub(crate) fn said(world: &World, arguments: &[&str]) -> String {
    let ended = run(world, arguments);
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
    ended.said
}

/// What a command answers as JSON, with its exit code.
pub(crate) fn answered(world: &World, arguments: &[&str]) -> (i32, Value) {
    let ended = run(world, &[arguments, &["--json"]].concat());
    let answer = serde_json::from_str(&ended.said);
    (ended.code, answer.unwrap_or_else(|_| panic!("{arguments:?}: {ended:?}")))
}

/// A place beside the stack's own folder, which goes with it.
pub(crate) fn beside(world: &World, name: &str) -> PathBuf {
    world.stack.folder().with_file_name(name)
}

/// The same, as an argument.
pub(crate) fn place(world: &World, name: &str) -> String {
    beside(world, name).to_str().unwrap().to_owned()
}

/// The local stack's own address, from which its log can be read.
pub(crate) fn address(world: &World) -> &str {
    world.stack.local()
}

/// The tables, for whoever does with them what nobody should.
pub(crate) fn behind(world: &World) -> Tables {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "journey"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(world.stack.dynamodb())
        .build();
    Tables::from_conf(config)
}

/// Text as the tables hold it.
pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Every item of the views by now, in no order.
pub(crate) async fn views(world: &World) -> BTreeSet<String> {
    world.rows("views").await.iter().map(Value::to_string).collect()
}

/// What is true of a world in which much has happened.
pub(crate) struct Busy {
    /// The owner's first phone, signed in.
    pub(crate) owner: Client,
    /// Their second one, trusted.
    pub(crate) second: Client,
}

/// Two phones, wrong codes and passwords, a guest, a rename, a removal, trust that is taken away, an
/// erased account, and days between them.
pub(crate) async fn busy(world: &World) -> Busy {
    let (owner, second) = two_phones(world).await;
    let stranger = neighbour(world).await;
    let other = world.phone();
    let opened = id(&ok(other.sign_in(NEIGHBOUR, NEIGHBOURS_PASSWORD).await, 201));
    let code = world.local.mailed_code(NEIGHBOUR).await.unwrap();
    ok(other.verify(&opened, &code).await, 200);
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    ok(stranger.refresh().await, 200);
    ok(stranger.sign_out_everywhere().await, 204);

    let third = world.phone();
    let attempt = asked_by("app", &third).await;
    let code = shown(&owner, &attempt).await;
    refused(third.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    refused(third.verify(&attempt, &wrong_code(&code, 2)).await, 403, "code_incorrect");
    ok(third.verify(&attempt, &code).await, 200);
    let_in(&owner, &world.phone()).await;
    let wrong = world.phone();
    refused(wrong.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    refused(wrong.sign_in("nobody@example.net", PASSWORD).await, 401, "invalid_credentials");
    let denied = asked_by("app", &world.phone()).await;
    ok(owner.deny(&denied).await, 200);
    ok(owner.rename_device(&second.session().unwrap().device, "Kitchen tablet").await, 200);
    ok(owner.remove_device(&third.session().unwrap().device).await, 204);
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    ok(stranger.sign_in(NEIGHBOUR, NEIGHBOURS_PASSWORD).await, 201);
    ok(stranger.step_up(NEIGHBOURS_PASSWORD).await, 201);
    erase(&stranger).await;
    neighbour(world).await;
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    ok(second.sign_in(EMAIL, PASSWORD).await, 201);
    let guest = world.phone();
    let attempt = asked_by("app", &guest).await;
    ok(guest.verify_just_this_once(&attempt, &shown(&owner, &attempt).await).await, 200);
    step_up(&owner).await;
    asked(&world.phone()).await;
    world.local.drain().await.unwrap();
    Busy { owner, second }
}

/// Nothing that could not be handled.
pub(crate) async fn nothing_was_set_aside(world: &World) {
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}
