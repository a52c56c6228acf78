# What people read in English. Every language has a file with the same messages and variables.

# ltr or rtl; read when the languages are built in.
language-direction = ltr

-product = Postern

## Mails: subjects. A code never stands in one: subjects show on lock screens and in lists.

sign-in-code-subject = Your { -product } sign-in code
registration-code-subject = Your { -product } registration code
step-up-code-subject = Your { -product } confirmation code
password-reset-code-subject = Your { -product } password reset code
email-change-code-subject = Your { -product } code for a new e-mail address
registration-attempt-subject = You already have a { -product } account
email-change-attempt-subject = Your e-mail address belongs to your { -product } account
new-device-subject = A new device signed in to your { -product } account
code-entry-paused-subject = Sign-in codes are paused for your { -product } account
password-changed-subject = Your { -product } password was changed
password-reset-subject = Your { -product } password was reset
email-changed-subject = The e-mail address of your { -product } account was changed
two-step-disabled-subject = Two-step verification was turned off for your { -product } account
device-removed-subject = A device was removed from your { -product } account
recovery-codes-created-subject = New recovery codes for your { -product } account
account-erased-subject = Your { -product } account was erased

## Mails: what has happened.

sign-in-code-intro = Someone gave your password and wants to sign in on a new device. If it was you, enter this code on that device:
registration-code-intro = Enter this code in the app to confirm your e-mail address and open your account:
step-up-code-intro = Someone who is signed in to your account wants to make a sensitive change. If it was you, enter this code in the app to confirm it:
password-reset-code-intro = Someone wants to set a new password for your account. If it was you, enter this code in the app:
email-change-code-intro = Someone wants to use this e-mail address for their { -product } account. If it was you, enter this code in the app:
registration-attempt-intro = Someone tried to open a { -product } account with this e-mail address. It already has an account, so no new one was opened and nothing was changed.
email-change-attempt-intro = Someone tried to move another { -product } account to this e-mail address. The address belongs to your account, so nothing was changed.
new-device-intro = A new device has signed in to your { -product } account, with your password and a code that was sent to you.
new-device-recovery-intro = A new device has signed in to your { -product } account, with your password and one of your recovery codes. That recovery code is used up.
# $until (String) - when the pause ends
code-entry-paused-intro = Too many wrong codes were entered for your account. New devices can’t enter a code until { $until }. The devices that you trust sign in as always.
code-entry-off-intro = Too many wrong codes were entered for your account. New devices can’t enter a code any more until your password is changed on a trusted device or reset. The devices that you trust sign in as always.
password-changed-intro = The password of your { -product } account was changed by someone who knew the former one. All other devices were signed out and need a code at their next sign-in.
password-changed-kept-intro = The password of your { -product } account was changed by someone who knew the former one. Other devices stay signed in.
password-reset-intro = The password of your { -product } account was reset with a code that was sent to this mailbox. All devices were signed out, and each of them needs a code at its next sign-in.
email-changed-intro = Your { -product } account now has another e-mail address. This is the last message to the former one.
two-step-disabled-intro = Two-step verification was turned off. Whoever knows the password of your { -product } account can now sign in on a new device without a code.
device-removed-intro = A device was removed from your trusted devices. It is signed out and needs a code at its next sign-in.
device-reported-intro = Someone said by a link in one of our messages that it wasn’t them who used this device. It is signed out, it isn’t trusted any more, and your password has to be changed.
recovery-codes-created-intro = A new set of recovery codes was made for your { -product } account. The codes of any former set don’t work any more.
account-erased-intro = Your { -product } account and everything personal in it was erased, as was asked for in the app. Nobody can sign in to it any more, and it can’t be brought back.

# $minutes (Number) - whole minutes from the request to the end of the code
# $until (String) - the time of that end
code-life = { $minutes ->
        [0] The code is valid for less than a minute, until { $until }.
        [one] The code is valid for { $minutes } minute, until { $until }.
       *[other] The code is valid for { $minutes } minutes, until { $until }.
    } Don’t give it to anyone: nobody at { -product } will ask you for it.

## Mails: who, from where, and when.

facts-heading-code = Who asked for it
facts-heading-attempt = Who tried
facts-heading-device = Who signed in
facts-heading-act = About this change
facts-heading-pause = About this pause
fact-device = Device
fact-removed = Removed device
fact-place = Place
fact-ip = IP address
fact-time = Time
fact-new-address = New address

# $name (String) - what its owner calls the device
device-name = “{ $name }”
# $platform (String) - its kind, from the message "platform"
device-named = “{ $name }” ({ $platform })
device-unnamed = A device ({ $platform })
# $platform (String) - ios, android, web or other
platform = { $platform ->
        [ios] iPhone or iPad
        [android] Android
        [web] web browser
       *[other] other system
    }
# $city (String), $country (String) - a two-letter country code
place-city-country = { $city }, { $country } (approximate)
place-city = { $city } (approximate)
place-country = { $country } (approximate)
place-unknown = unknown place
ip-unknown = unknown
# $date (String), $time (String) - in figures
time-utc = { $date } { $time } UTC

## Mails: what to do.

sign-in-code-advice = If it wasn’t you: nobody can sign in without this code. But whoever asked for it knows your password, so change your password, here and wherever else you use the same one.
registration-code-advice = If it wasn’t you: there is nothing to do. Without this code nobody can open an account with your address.
step-up-code-advice = If it wasn’t you: without this code nothing is changed. But whoever asked for it is signed in and knows your password, so change your password and sign out everywhere.
password-reset-code-advice = If it wasn’t you: there is nothing to do. Without this code nobody can set a new password.
email-change-code-advice = If it wasn’t you: there is nothing to do. Without this code your address is not used.
registration-attempt-advice = If it was you: sign in with the password that you already have. If it wasn’t you: there is nothing to do, your account is as it was.
email-change-attempt-advice = If it was you: two accounts can’t share one address, so use another address or erase one of the accounts. If it wasn’t you: there is nothing to do, your account is as it was.
new-device-advice = If it was you: there is nothing to do. If it wasn’t you: remove the device in the app’s list of trusted devices, sign out everywhere, and change your password.
code-entry-paused-advice = If it wasn’t you: whoever tried knows your password, so change your password on a device that you trust. That also ends the pause.
password-changed-advice = If it was you: there is nothing to do. If it wasn’t you: reset your password at once, which signs out every device.
password-reset-advice = If it was you: sign in with the new password. If it wasn’t you: secure your mailbox first, then reset your password.
email-changed-advice = If it was you: there is nothing to do. If it wasn’t you: contact our support at once.
two-step-disabled-advice = If it was you: a long password that you use nowhere else is now your only protection. If it wasn’t you: turn two-step verification on again and change your password.
device-removed-advice = If it was you: there is nothing to do. If it wasn’t you: someone else is signed in, so change your password and sign out everywhere.
device-reported-advice = If it was you: change your password now, here and wherever else you use the same one. If it wasn’t you: sign in with the device again and change your password.
recovery-codes-created-advice = If it was you: keep the codes where only you find them, not on your phone alone. If it wasn’t you: someone else is signed in, so change your password and make new codes.
account-erased-advice = If it wasn’t you: contact our support.

not-me-offer = If it wasn’t you, tell us with one tap: what is still open is stopped, the device that did it is signed out, and your password has to be changed.
not-me-button = It wasn’t me

footer = { -product } sent this message automatically. Replies are not read.

## Pushes: what a phone shows by itself. Anybody near it can read that.

sign-in-alert-title = Sign-in request
# $device (String) - from the message "device-named" or "device-unnamed"
# $city (String), $country (String) - where it seems to be
sign-in-alert-city-country = { $device } near { $city }, { $country } wants to sign in. Open the app to see the code.
sign-in-alert-city = { $device } near { $city } wants to sign in. Open the app to see the code.
sign-in-alert-country = { $device }, probably in { $country }, wants to sign in. Open the app to see the code.
sign-in-alert-unknown = { $device } wants to sign in. Open the app to see the code.

# The code goes by mail: the phone is asked only whether it is right.
sign-in-mailed-alert-title = Sign-in request
sign-in-mailed-alert-city-country = { $device } near { $city }, { $country } wants to sign in. If it isn’t you, open the app and deny it.
sign-in-mailed-alert-city = { $device } near { $city } wants to sign in. If it isn’t you, open the app and deny it.
sign-in-mailed-alert-country = { $device }, probably in { $country }, wants to sign in. If it isn’t you, open the app and deny it.
sign-in-mailed-alert-unknown = { $device } wants to sign in. If it isn’t you, open the app and deny it.

# A device that is signed in asks for a code before it changes something.
step-up-alert-title = Confirm a change
step-up-alert-city-country = { $device } near { $city }, { $country } wants to confirm a sensitive change. Open the app to see the code.
step-up-alert-city = { $device } near { $city } wants to confirm a sensitive change. Open the app to see the code.
step-up-alert-country = { $device }, probably in { $country }, wants to confirm a sensitive change. Open the app to see the code.
step-up-alert-unknown = { $device } wants to confirm a sensitive change. Open the app to see the code.

## Problems: what went wrong, and what a person can do. Named by the problem's code.

problem-invalid-request-title = The request is not valid.
problem-invalid-request-detail = Something in it is missing or not of its form. Check what you entered and try again.
problem-malformed-body-title = The body is not a JSON object that can be read.
problem-malformed-body-detail = The app has sent something that we can’t read. Try again, and update the app if this stays.
problem-unsupported-media-type-title = The body must be application/json.
problem-unsupported-media-type-detail = The app has sent something that we can’t read. Try again, and update the app if this stays.
problem-too-large-title = The body is too large.
problem-too-large-detail = What was sent is longer than we take. Shorten it and try again.
problem-not-found-title = There is nothing here.
problem-not-found-detail = It may never have been here, or it is gone or someone else’s. Go back and start again.
problem-method-not-allowed-title = This method is not allowed here.
problem-method-not-allowed-detail = The app has asked for something that doesn’t exist. Update the app if this stays.
problem-app-update-required-title = The app must be updated.
problem-app-update-required-detail = This version of the app is too old to sign in safely. Install the latest version, then try again.
problem-invalid-proof-title = The device proof is not valid.
problem-invalid-proof-detail = We could not verify that the request comes from this device. Try again; if this stays, check the clock of your device.
problem-invalid-token-title = The token is not valid.
problem-invalid-token-detail = You are signed out on this device. Sign in again.
problem-token-expired-title = The access token has expired.
problem-token-expired-detail = The app renews your session by itself. If this stays, sign in again.
problem-invalid-credentials-title = The e-mail address or the password is wrong.
problem-invalid-credentials-detail = Check both and try again. If you don’t remember your password, reset it.
problem-code-incorrect-title = The code is wrong.
problem-code-incorrect-detail = Enter the newest code that you have received; an older one doesn’t work any more.
problem-code-expired-title = The code has expired.
problem-code-expired-detail = Ask for a new code and enter it soon.
problem-attempt-closed-title = This attempt is over.
problem-attempt-closed-detail = Start again to receive a new code.
problem-too-many-attempts-title = Too many wrong codes; code entry is paused.
problem-too-many-attempts-detail = Wait and try again later, or use a device that you trust: it signs in without a code.
problem-resend-too-soon-title = The code was sent a moment ago.
problem-resend-too-soon-detail = It can take a little while to arrive. Look into your spam folder too, then ask again.
problem-too-many-sends-title = The code was sent as often as it may be.
problem-too-many-sends-detail = Enter the newest code that you have received, or try again later.
problem-rate-limited-title = Too many requests; wait a while.
problem-rate-limited-detail = Wait a while, then try again.
problem-channel-unavailable-title = The code can't be sent this way.
problem-channel-unavailable-detail = Choose another way to receive it.
problem-channel-unavailable-no-device-detail = No other device of yours is trusted, so none can show a code. Choose e-mail.
problem-channel-unavailable-too-many-pushes-detail = Your devices were asked too often without a code being entered. Choose e-mail, or try again later.
problem-channel-unavailable-bounced-detail = Mail to your address comes back. Use the app on a trusted device, or contact our support.
problem-channel-unavailable-recently-reset-detail = Your password was reset by e-mail a short time ago, so for now e-mail isn’t enough on a new device. Use a device that you trusted before, or wait.
problem-step-up-required-title = Confirm that it is you.
problem-step-up-required-detail = This change is a sensitive one: enter your password, and a code if you are asked for one.
problem-device-too-new-title = This device has not been trusted for long enough.
problem-device-too-new-detail = Use a device that you have trusted for longer, or confirm with a code that it is you.
problem-weak-password-title = The password is too weak.
problem-weak-password-detail = Choose a longer password that is hard to guess.
# $minimum (Number) - the fewest characters that are enough
problem-weak-password-too-short-detail = { $minimum ->
        [one] A password has at least { $minimum } character.
       *[other] A password has at least { $minimum } characters.
    }
problem-weak-password-guessable-detail = This password is easily guessed. Don’t use your name, your address, common words or rows of keys; several unrelated words are better.
problem-weak-password-alone-detail = { $minimum ->
        [one] Without two-step verification a password needs at least { $minimum } character. Change your password first.
       *[other] Without two-step verification a password needs at least { $minimum } characters. Change your password first.
    }
problem-idempotency-key-reused-title = This key was used for another request.
problem-idempotency-key-reused-detail = The app has mixed up two requests. Try again, and update the app if this stays.
problem-conflict-title = This can’t be done as things are.
problem-conflict-detail = Something has changed in the meantime. Look again, then repeat it if it still makes sense.
problem-unavailable-title = { -product } is not available right now.
problem-unavailable-detail = Nothing is wrong with what you did. Wait a moment, then try again.
problem-crashed-title = Something went wrong on our side.
problem-crashed-detail = Nothing is wrong with what you did. Try again, and contact our support if this stays.

## Advice on login security. Named by the advice's code.

advice-change-password = Someone else may know your password. Change it now, here and wherever else you use the same one.
advice-email-undeliverable = Mail to your address doesn’t arrive. Check the address or change it, so that codes reach you.
advice-enable-notifications = Allow notifications for the app, so that this phone tells you when a new device wants to sign in.
advice-add-device = Sign in on a second device and trust it, so that you get in even if you lose this one.
advice-create-recovery-codes = Make recovery codes and keep them in a safe place, for the day when no code reaches you.
advice-turn-on-two-step = Turn on two-step verification: then your password alone lets nobody in.
advice-strong-password = Use a strong password with a mix of small and capital letters, numbers and symbols. The longer, the better.
advice-unique-password = Use a password for this account that you use nowhere else.
advice-password-manager = Let a password manager make up your passwords and remember them.

## The page behind “It wasn’t me”.

report-title = Was it not you?
report-intro = Tell us, and we stop what is still open, sign out the device that did it, and ask for a new password. Nothing happens before you press the button.
report-button = It wasn’t me
report-working = One moment …
report-done = Thank you. We have stopped what was open and signed out the device that did it.
report-done-next = Now change your password in the app, and wherever else you use the same one.
report-done-support = The account has another e-mail address now. Please contact our support, who can help you get it back.
report-used = This link was used already. There is nothing left to do with it.
report-expired = This link is too old. Change your password in the app if you think that somebody else knows it.
report-failed = That did not work. Check your connection and press the button again.
report-no-token = This link is not complete. Open it from the message again.
report-needs-script = This page needs JavaScript to tell us. You can also change your password in the app.
