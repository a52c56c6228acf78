
"use strict";
(() => {
  const intro = document.getElementById("intro");
  const button = document.getElementById("report");
  const outcomes = document.querySelectorAll("[data-outcome]");
  let token = "";

  const show = (outcome) => {
    for (const text of outcomes) {
      text.hidden = !text.dataset.outcome.split(" ").includes(outcome);
    }
    const open = outcome === "" || outcome === "working" || outcome === "failed";
    intro.hidden = !open;
    button.hidden = !open;
    button.disabled = outcome === "working";
  };

  // What the answer means to a person, by the stable code of its problem.
  const meaning = {
    attempt_closed: "used",
    token_expired: "expired",
    invalid_token: "no-token",
  };

  // What to do now, as the answer says it.
  const advice = {
    change_password: "done-next",
    contact_support: "done-support",
  };

  const report = async (token) => {
    const answer = await fetch(window.location.pathname, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    const said = await answer.json();
    if (answer.ok) {
      return advice[said.next] ?? "done";
    }
    return meaning[said.code] ?? "failed";
  };

  button.addEventListener("click", () => {
    const asked = token;
    const tell = (outcome) => {
      if (asked === token) {
        show(outcome);
      }
    };
    show("working");
    report(asked).then(tell, () => tell("failed"));
  });
  // The token doesn't stay where others may see it: in the address bar, in the history.
  const take = () => {
    token = window.location.hash.slice(1);
    window.history.replaceState(null, "", window.location.pathname);
    show(token === "" ? "no-token" : "");
  };
  // Another link that is opened in the same tab doesn't load the page again.
  window.addEventListener("hashchange", take);
  take();
})();
