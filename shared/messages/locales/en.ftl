# What people read in English. Every language has a file with the same messages and variables.

-product = Postern

## Subjects. A code never stands in one: subjects show on lock screens and in lists.

sign-in-code-subject = Your { -product } sign-in code
registration-code-subject = Your { -product } registration code
registration-attempt-subject = You already have a { -product } account
new-device-subject = A new device signed in to your { -product } account

## What has happened.

sign-in-code-intro = Someone gave your password and wants to sign in on a new device. If it was you, enter this code on that device:
registration-code-intro = Enter this code in the app to confirm your e-mail address and open your account:
registration-attempt-intro = Someone tried to open a { -product } account with this e-mail address. It already has an account, so no new one was opened and nothing was changed.
new-device-intro = A new device has signed in to your { -product } account, with your password and a code that was sent to you.

# $minutes (Number) - whole minutes from the request to the end of the code
# $until (String) - the time of that end
code-life = { $minutes ->
        [0] The code is valid for less than a minute, until { $until }.
        [one] The code is valid for { $minutes } minute, until { $until }.
       *[other] The code is valid for { $minutes } minutes, until { $until }.
    } Don’t give it to anyone: nobody at { -product } will ask you for it.

## Who asked, from where, and when.

facts-heading-code = Who asked for it
facts-heading-attempt = Who tried
facts-heading-device = Who signed in
fact-device = Device
fact-place = Place
fact-ip = IP address
fact-time = Time

# $name (String) - what its owner calls the device
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

## What a phone shows when a new device wants to sign in: anybody near it can read that.

sign-in-alert-title = Sign-in request
# $device (String) - from the message "device-named" or "device-unnamed"
# $city (String), $country (String) - where it seems to be
sign-in-alert-city-country = { $device } near { $city }, { $country } wants to sign in. Open the app to see the code.
sign-in-alert-city = { $device } near { $city } wants to sign in. Open the app to see the code.
sign-in-alert-country = { $device }, probably in { $country }, wants to sign in. Open the app to see the code.
sign-in-alert-unknown = { $device } wants to sign in. Open the app to see the code.

## What to do.

sign-in-code-advice = If it wasn’t you: nobody can sign in without this code. But whoever asked for it knows your password, so change your password.
registration-code-advice = If it wasn’t you: there is nothing to do. Without this code nobody can open an account with your address.
registration-attempt-advice = If it was you: sign in with the password that you already have. If it wasn’t you: there is nothing to do, your account is as it was.
new-device-advice = If it was you: there is nothing to do. If it wasn’t you: remove the device in the app’s list of trusted devices, sign out everywhere, and change your password.

footer = { -product } sent this message automatically. Replies are not read.
