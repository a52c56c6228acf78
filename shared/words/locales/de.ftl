# Was Menschen auf Deutsch lesen. Nachrichten und Variablen sind dieselben wie in en.ftl.

language-direction = ltr

-product = Postern

## Mails: Betreffzeilen. Ein Code steht nie darin.

sign-in-code-subject = Ihr Anmeldecode für { -product }
registration-code-subject = Ihr Registrierungscode für { -product }
step-up-code-subject = Ihr Bestätigungscode für { -product }
password-reset-code-subject = Ihr Code zum Zurücksetzen des Passworts für { -product }
email-change-code-subject = Ihr Code für eine neue E-Mail-Adresse bei { -product }
registration-attempt-subject = Sie haben bereits ein { -product }-Konto
email-change-attempt-subject = Ihre E-Mail-Adresse gehört zu Ihrem { -product }-Konto
new-device-subject = Ein neues Gerät hat sich bei Ihrem { -product }-Konto angemeldet
code-entry-paused-subject = Die Eingabe von Codes für Ihr { -product }-Konto ist ausgesetzt
password-changed-subject = Das Passwort Ihres { -product }-Kontos wurde geändert
password-reset-subject = Das Passwort Ihres { -product }-Kontos wurde zurückgesetzt
email-changed-subject = Die E-Mail-Adresse Ihres { -product }-Kontos wurde geändert
two-step-disabled-subject = Die Bestätigung in zwei Schritten für Ihr { -product }-Konto wurde ausgeschaltet
device-removed-subject = Ein Gerät wurde aus Ihrem { -product }-Konto entfernt
recovery-codes-created-subject = Neue Wiederherstellungscodes für Ihr { -product }-Konto
account-erased-subject = Ihr { -product }-Konto wurde gelöscht

## Mails: was geschehen ist.

sign-in-code-intro = Jemand hat Ihr Passwort eingegeben und möchte sich auf einem neuen Gerät anmelden. Wenn Sie das sind, geben Sie dort diesen Code ein:
registration-code-intro = Geben Sie diesen Code in der App ein, um Ihre E-Mail-Adresse zu bestätigen und Ihr Konto zu eröffnen:
step-up-code-intro = Jemand, der bei Ihrem Konto angemeldet ist, möchte etwas Wichtiges ändern. Wenn Sie das sind, bestätigen Sie es in der App mit diesem Code:
password-reset-code-intro = Jemand möchte ein neues Passwort für Ihr Konto festlegen. Wenn Sie das sind, geben Sie diesen Code in der App ein:
email-change-code-intro = Jemand möchte diese E-Mail-Adresse für sein { -product }-Konto verwenden. Wenn Sie das sind, geben Sie diesen Code in der App ein:
registration-attempt-intro = Jemand hat versucht, mit dieser E-Mail-Adresse ein { -product }-Konto zu eröffnen. Zu ihr gehört bereits ein Konto, deshalb wurde kein neues eröffnet und nichts geändert.
email-change-attempt-intro = Jemand hat versucht, ein anderes { -product }-Konto auf diese E-Mail-Adresse umzustellen. Die Adresse gehört zu Ihrem Konto, deshalb wurde nichts geändert.
new-device-intro = Ein neues Gerät hat sich bei Ihrem { -product }-Konto angemeldet, mit Ihrem Passwort und einem Code, der an Sie geschickt wurde.
new-device-recovery-intro = Ein neues Gerät hat sich bei Ihrem { -product }-Konto angemeldet, mit Ihrem Passwort und einem Ihrer Wiederherstellungscodes. Dieser Wiederherstellungscode ist damit verbraucht.
# $until (String) - wann es weitergeht
code-entry-paused-intro = Für Ihr Konto wurden zu viele falsche Codes eingegeben. Neue Geräte können bis { $until } keinen Code eingeben. Geräte, denen Sie vertrauen, melden sich an wie immer.
code-entry-off-intro = Für Ihr Konto wurden zu viele falsche Codes eingegeben. Neue Geräte können erst wieder einen Code eingeben, wenn Ihr Passwort auf einem vertrauenswürdigen Gerät geändert oder zurückgesetzt wurde. Geräte, denen Sie vertrauen, melden sich an wie immer.
password-changed-intro = Das Passwort Ihres { -product }-Kontos wurde von jemandem geändert, der das bisherige kannte. Alle anderen Geräte wurden abgemeldet und brauchen bei der nächsten Anmeldung einen Code.
password-changed-kept-intro = Das Passwort Ihres { -product }-Kontos wurde von jemandem geändert, der das bisherige kannte. Andere Geräte bleiben angemeldet.
password-reset-intro = Das Passwort Ihres { -product }-Kontos wurde mit einem Code zurückgesetzt, der an dieses Postfach geschickt wurde. Alle Geräte wurden abgemeldet, und jedes braucht bei der nächsten Anmeldung einen Code.
email-changed-intro = Ihr { -product }-Konto hat jetzt eine andere E-Mail-Adresse. Dies ist die letzte Nachricht an die bisherige.
two-step-disabled-intro = Die Bestätigung in zwei Schritten wurde ausgeschaltet. Wer das Passwort Ihres { -product }-Kontos kennt, kann sich jetzt auf einem neuen Gerät ohne Code anmelden.
device-removed-intro = Eines Ihrer vertrauenswürdigen Geräte wurde entfernt. Es ist abgemeldet und braucht bei der nächsten Anmeldung einen Code.
device-reported-intro = Jemand hat über einen Link in einer unserer Nachrichten gemeldet, dieses Gerät nicht selbst benutzt zu haben. Es ist abgemeldet und nicht mehr vertrauenswürdig, und Ihr Passwort muss geändert werden.
recovery-codes-created-intro = Für Ihr { -product }-Konto wurden neue Wiederherstellungscodes erstellt. Frühere Codes gelten nicht mehr.
account-erased-intro = Ihr { -product }-Konto und alles Persönliche darin wurde gelöscht, wie es in der App verlangt wurde. Niemand kann sich mehr damit anmelden, und es lässt sich nicht wiederherstellen.

# $minutes (Number) - ganze Minuten von der Anforderung bis zum Ende des Codes
# $until (String) - der Zeitpunkt dieses Endes
code-life = { $minutes ->
        [0] Der Code gilt weniger als eine Minute, bis { $until }.
        [one] Der Code gilt { $minutes } Minute, bis { $until }.
       *[other] Der Code gilt { $minutes } Minuten, bis { $until }.
    } Geben Sie ihn niemandem: Bei { -product } wird Sie niemand danach fragen.

## Mails: wer, von wo und wann.

facts-heading-code = Wer ihn angefordert hat
facts-heading-attempt = Wer es versucht hat
facts-heading-device = Wer sich angemeldet hat
facts-heading-act = Zu dieser Änderung
facts-heading-pause = Zu dieser Unterbrechung
fact-device = Gerät
fact-removed = Entferntes Gerät
fact-place = Ort
fact-ip = IP-Adresse
fact-time = Zeit
fact-new-address = Neue Adresse

# $name (String) - wie der Besitzer das Gerät nennt
device-name = „{ $name }“
# $platform (String) - die Art des Geräts, aus der Nachricht "platform"
device-named = „{ $name }“ ({ $platform })
device-unnamed = Ein Gerät ({ $platform })
# $platform (String) - ios, android, web oder other
platform = { $platform ->
        [ios] iPhone oder iPad
        [android] Android
        [web] Webbrowser
       *[other] anderes System
    }
# $city (String), $country (String) - ein Ländercode aus zwei Buchstaben
place-city-country = { $city }, { $country } (ungefähr)
place-city = { $city } (ungefähr)
place-country = { $country } (ungefähr)
place-unknown = unbekannter Ort
ip-unknown = unbekannt
# $date (String), $time (String) - in Ziffern
time-utc = { $date } { $time } UTC

## Mails: was zu tun ist.

sign-in-code-advice = Wenn Sie das nicht waren: Ohne diesen Code kann sich niemand anmelden. Wer ihn angefordert hat, kennt aber Ihr Passwort. Ändern Sie es deshalb, hier und überall, wo Sie dasselbe verwenden.
registration-code-advice = Wenn Sie das nicht waren: Sie müssen nichts tun. Ohne diesen Code kann niemand ein Konto mit Ihrer Adresse eröffnen.
step-up-code-advice = Wenn Sie das nicht waren: Ohne diesen Code wird nichts geändert. Wer ihn angefordert hat, ist aber angemeldet und kennt Ihr Passwort. Ändern Sie es deshalb, und melden Sie alle Geräte ab.
password-reset-code-advice = Wenn Sie das nicht waren: Sie müssen nichts tun. Ohne diesen Code kann niemand ein neues Passwort festlegen.
email-change-code-advice = Wenn Sie das nicht waren: Sie müssen nichts tun. Ohne diesen Code wird Ihre Adresse nicht verwendet.
registration-attempt-advice = Wenn Sie das waren: Melden Sie sich mit dem Passwort an, das Sie schon haben. Wenn nicht: Sie müssen nichts tun, an Ihrem Konto hat sich nichts geändert.
email-change-attempt-advice = Wenn Sie das waren: Zwei Konten können nicht dieselbe Adresse haben. Verwenden Sie eine andere, oder löschen Sie eines der Konten. Wenn nicht: Sie müssen nichts tun, an Ihrem Konto hat sich nichts geändert.
new-device-advice = Wenn Sie das waren: Sie müssen nichts tun. Wenn nicht: Entfernen Sie das Gerät in der App aus der Liste der vertrauenswürdigen Geräte, melden Sie alle Geräte ab, und ändern Sie Ihr Passwort.
code-entry-paused-advice = Wenn Sie das nicht waren: Wer die Codes ausprobiert hat, kennt Ihr Passwort. Ändern Sie es deshalb auf einem Gerät, dem Sie vertrauen. Damit endet auch die Unterbrechung.
password-changed-advice = Wenn Sie das waren: Sie müssen nichts tun. Wenn nicht: Setzen Sie Ihr Passwort sofort zurück, damit werden alle Geräte abgemeldet.
password-reset-advice = Wenn Sie das waren: Melden Sie sich mit dem neuen Passwort an. Wenn nicht: Sichern Sie zuerst Ihr Postfach, und setzen Sie dann Ihr Passwort zurück.
email-changed-advice = Wenn Sie das waren: Sie müssen nichts tun. Wenn nicht: Wenden Sie sich sofort an unseren Support.
two-step-disabled-advice = Wenn Sie das waren: Jetzt schützt Sie nur noch ein langes Passwort, das Sie nirgendwo sonst verwenden. Wenn nicht: Schalten Sie die Bestätigung in zwei Schritten wieder ein, und ändern Sie Ihr Passwort.
device-removed-advice = Wenn Sie das waren: Sie müssen nichts tun. Wenn nicht: Jemand anders ist angemeldet. Ändern Sie deshalb Ihr Passwort, und melden Sie alle Geräte ab.
device-reported-advice = Wenn Sie das waren: Ändern Sie jetzt Ihr Passwort, hier und überall, wo Sie dasselbe verwenden. Wenn nicht: Melden Sie sich auf dem Gerät wieder an, und ändern Sie Ihr Passwort.
recovery-codes-created-advice = Wenn Sie das waren: Bewahren Sie die Codes dort auf, wo nur Sie sie finden, und nicht nur auf dem Telefon. Wenn nicht: Jemand anders ist angemeldet. Ändern Sie deshalb Ihr Passwort, und erstellen Sie neue Codes.
account-erased-advice = Wenn Sie das nicht waren: Wenden Sie sich an unseren Support.

not-me-offer = Wenn Sie das nicht waren, sagen Sie es uns mit einem Fingertipp: Was noch offen ist, wird gestoppt, das Gerät, von dem es ausging, wird abgemeldet, und Ihr Passwort muss geändert werden.
not-me-button = Das war ich nicht

footer = { -product } hat diese Nachricht automatisch verschickt. Antworten werden nicht gelesen.

## Mitteilungen auf dem Telefon. Jeder in der Nähe kann sie lesen.

sign-in-alert-title = Anmeldeanfrage
# $device (String) - aus der Nachricht "device-named" oder "device-unnamed"
# $city (String), $country (String) - wo es zu sein scheint
sign-in-alert-city-country = { $device } in der Nähe von { $city }, { $country } möchte sich anmelden. Öffnen Sie die App, um den Code zu sehen.
sign-in-alert-city = { $device } in der Nähe von { $city } möchte sich anmelden. Öffnen Sie die App, um den Code zu sehen.
sign-in-alert-country = { $device }, wahrscheinlich in { $country }, möchte sich anmelden. Öffnen Sie die App, um den Code zu sehen.
sign-in-alert-unknown = { $device } möchte sich anmelden. Öffnen Sie die App, um den Code zu sehen.

# Der Code geht per Mail: Das Telefon wird nur gefragt, ob das in Ordnung ist.
sign-in-mailed-alert-title = Anmeldeanfrage
sign-in-mailed-alert-city-country = { $device } in der Nähe von { $city }, { $country } möchte sich anmelden. Wenn Sie das nicht sind, öffnen Sie die App und lehnen Sie ab.
sign-in-mailed-alert-city = { $device } in der Nähe von { $city } möchte sich anmelden. Wenn Sie das nicht sind, öffnen Sie die App und lehnen Sie ab.
sign-in-mailed-alert-country = { $device }, wahrscheinlich in { $country }, möchte sich anmelden. Wenn Sie das nicht sind, öffnen Sie die App und lehnen Sie ab.
sign-in-mailed-alert-unknown = { $device } möchte sich anmelden. Wenn Sie das nicht sind, öffnen Sie die App und lehnen Sie ab.

# Ein angemeldetes Gerät braucht einen Code, bevor es etwas ändert.
step-up-alert-title = Änderung bestätigen
step-up-alert-city-country = { $device } in der Nähe von { $city }, { $country } möchte eine wichtige Änderung bestätigen. Öffnen Sie die App, um den Code zu sehen.
step-up-alert-city = { $device } in der Nähe von { $city } möchte eine wichtige Änderung bestätigen. Öffnen Sie die App, um den Code zu sehen.
step-up-alert-country = { $device }, wahrscheinlich in { $country }, möchte eine wichtige Änderung bestätigen. Öffnen Sie die App, um den Code zu sehen.
step-up-alert-unknown = { $device } möchte eine wichtige Änderung bestätigen. Öffnen Sie die App, um den Code zu sehen.

## Probleme: was schiefging und was man tun kann. Benannt nach dem Code des Problems.

problem-invalid-request-title = Die Anfrage ist ungültig.
problem-invalid-request-detail = Etwas darin fehlt oder hat nicht die richtige Form. Prüfen Sie Ihre Eingaben und versuchen Sie es noch einmal.
problem-malformed-body-title = Der Inhalt ist kein lesbares JSON-Objekt.
problem-malformed-body-detail = Die App hat etwas geschickt, das wir nicht lesen können. Versuchen Sie es noch einmal, und aktualisieren Sie die App, wenn es so bleibt.
problem-unsupported-media-type-title = Der Inhalt muss application/json sein.
problem-unsupported-media-type-detail = Die App hat etwas geschickt, das wir nicht lesen können. Versuchen Sie es noch einmal, und aktualisieren Sie die App, wenn es so bleibt.
problem-too-large-title = Der Inhalt ist zu groß.
problem-too-large-detail = Was geschickt wurde, ist länger, als wir es annehmen. Kürzen Sie es und versuchen Sie es noch einmal.
problem-not-found-title = Hier ist nichts.
problem-not-found-detail = Vielleicht war hier nie etwas, oder es ist nicht mehr da oder gehört jemand anderem. Gehen Sie zurück und beginnen Sie von vorn.
problem-method-not-allowed-title = Diese Methode ist hier nicht erlaubt.
problem-method-not-allowed-detail = Die App hat etwas verlangt, das es nicht gibt. Aktualisieren Sie sie, wenn es so bleibt.
problem-app-update-required-title = Die App muss aktualisiert werden.
problem-app-update-required-detail = Diese Version der App ist zu alt für eine sichere Anmeldung. Installieren Sie die neueste und versuchen Sie es noch einmal.
problem-invalid-proof-title = Der Nachweis des Geräts ist ungültig.
problem-invalid-proof-detail = Wir konnten nicht feststellen, dass die Anfrage von diesem Gerät kommt. Versuchen Sie es noch einmal, und prüfen Sie die Uhr Ihres Geräts, wenn es so bleibt.
problem-invalid-token-title = Das Token ist ungültig.
problem-invalid-token-detail = Sie sind auf diesem Gerät abgemeldet. Melden Sie sich wieder an.
problem-token-expired-title = Das Zugriffstoken ist abgelaufen.
problem-token-expired-detail = Die App erneuert Ihre Anmeldung von selbst. Wenn es so bleibt, melden Sie sich neu an.
problem-invalid-credentials-title = E-Mail-Adresse oder Passwort ist falsch.
problem-invalid-credentials-detail = Prüfen Sie beides und versuchen Sie es noch einmal. Wenn Sie Ihr Passwort nicht mehr wissen, setzen Sie es zurück.
problem-code-incorrect-title = Der Code ist falsch.
problem-code-incorrect-detail = Geben Sie den neuesten Code ein, den Sie erhalten haben. Ein älterer gilt nicht mehr.
problem-code-expired-title = Der Code ist abgelaufen.
problem-code-expired-detail = Fordern Sie einen neuen an und geben Sie ihn bald ein.
problem-attempt-closed-title = Dieser Versuch ist beendet.
problem-attempt-closed-detail = Beginnen Sie von vorn, um einen neuen Code zu erhalten.
problem-too-many-attempts-title = Zu viele falsche Codes, die Eingabe ist ausgesetzt.
problem-too-many-attempts-detail = Versuchen Sie es später noch einmal, oder nehmen Sie ein Gerät, dem Sie vertrauen: Es meldet sich ohne Code an.
problem-resend-too-soon-title = Der Code wurde gerade erst geschickt.
problem-resend-too-soon-detail = Es kann etwas dauern, bis er ankommt. Sehen Sie auch im Spam-Ordner nach, und fordern Sie ihn dann noch einmal an.
problem-too-many-sends-title = Der Code wurde so oft geschickt, wie es möglich ist.
problem-too-many-sends-detail = Geben Sie den neuesten Code ein, den Sie erhalten haben, oder versuchen Sie es später noch einmal.
problem-rate-limited-title = Zu viele Anfragen, bitte warten Sie etwas.
problem-rate-limited-detail = Warten Sie eine Weile und versuchen Sie es dann noch einmal.
problem-channel-unavailable-title = Auf diesem Weg kann der Code nicht geschickt werden.
problem-channel-unavailable-detail = Wählen Sie einen anderen Weg.
problem-channel-unavailable-no-device-detail = Sie haben kein anderes vertrauenswürdiges Gerät, das einen Code anzeigen könnte. Wählen Sie E-Mail.
problem-channel-unavailable-too-many-pushes-detail = Ihre Geräte wurden zu oft gefragt, ohne dass ein Code eingegeben wurde. Wählen Sie E-Mail, oder versuchen Sie es später noch einmal.
problem-channel-unavailable-bounced-detail = Mails an Ihre Adresse kommen zurück. Nehmen Sie die App auf einem vertrauenswürdigen Gerät, oder wenden Sie sich an unseren Support.
problem-channel-unavailable-recently-reset-detail = Ihr Passwort wurde vor Kurzem per E-Mail zurückgesetzt. Auf einem neuen Gerät reicht E-Mail deshalb vorerst nicht aus. Nehmen Sie ein Gerät, dem Sie schon vorher vertraut haben, oder warten Sie.
problem-step-up-required-title = Bestätigen Sie, dass Sie es sind.
problem-step-up-required-detail = Das ist eine wichtige Änderung: Geben Sie Ihr Passwort ein und, wenn danach gefragt wird, einen Code.
problem-device-too-new-title = Diesem Gerät wird noch nicht lange genug vertraut.
problem-device-too-new-detail = Nehmen Sie ein Gerät, dem Sie schon länger vertrauen, oder bestätigen Sie mit einem Code, dass Sie es sind.
problem-weak-password-title = Das Passwort ist zu schwach.
problem-weak-password-detail = Wählen Sie ein längeres Passwort, das schwer zu erraten ist.
# $minimum (Number) - wie viele Zeichen mindestens reichen
problem-weak-password-too-short-detail = { $minimum ->
        [one] Ein Passwort hat mindestens { $minimum } Zeichen.
       *[other] Ein Passwort hat mindestens { $minimum } Zeichen.
    }
problem-weak-password-guessable-detail = Dieses Passwort ist leicht zu erraten. Verwenden Sie weder Ihren Namen noch Ihre Adresse, keine gebräuchlichen Wörter und keine Tastenreihen. Besser sind mehrere Wörter, die nichts miteinander zu tun haben.
problem-weak-password-alone-detail = { $minimum ->
        [one] Ohne Bestätigung in zwei Schritten braucht ein Passwort mindestens { $minimum } Zeichen. Ändern Sie zuerst Ihr Passwort.
       *[other] Ohne Bestätigung in zwei Schritten braucht ein Passwort mindestens { $minimum } Zeichen. Ändern Sie zuerst Ihr Passwort.
    }
problem-idempotency-key-reused-title = Dieser Schlüssel wurde für eine andere Anfrage verwendet.
problem-idempotency-key-reused-detail = Die App hat zwei Anfragen verwechselt. Versuchen Sie es noch einmal, und aktualisieren Sie die App, wenn es so bleibt.
problem-conflict-title = Das geht so, wie es gerade steht, nicht.
problem-conflict-detail = Inzwischen hat sich etwas geändert. Sehen Sie noch einmal nach, und wiederholen Sie es, wenn es dann noch sinnvoll ist.
problem-unavailable-title = { -product } ist gerade nicht erreichbar.
problem-unavailable-detail = An Ihnen liegt es nicht. Warten Sie einen Moment und versuchen Sie es dann noch einmal.
problem-crashed-title = Bei uns ist etwas schiefgegangen.
problem-crashed-detail = An Ihnen liegt es nicht. Versuchen Sie es noch einmal, und wenden Sie sich an unseren Support, wenn es so bleibt.

## Ratschläge zur Sicherheit der Anmeldung. Benannt nach dem Code des Ratschlags.

advice-change-password = Vielleicht kennt jemand anders Ihr Passwort. Ändern Sie es jetzt, hier und überall, wo Sie dasselbe verwenden.
advice-email-undeliverable = Mails an Ihre Adresse kommen nicht an. Prüfen oder ändern Sie sie, damit Codes Sie erreichen.
advice-enable-notifications = Erlauben Sie der App Mitteilungen, damit dieses Telefon Ihnen sagt, wenn sich ein neues Gerät anmelden möchte.
advice-add-device = Melden Sie sich auf einem zweiten Gerät an und vertrauen Sie ihm, damit Sie auch ohne dieses hineinkommen.
advice-create-recovery-codes = Erstellen Sie Wiederherstellungscodes und bewahren Sie sie sicher auf, für den Tag, an dem kein Code Sie erreicht.
advice-turn-on-two-step = Schalten Sie die Bestätigung in zwei Schritten ein: Dann lässt Ihr Passwort allein niemanden hinein.
advice-strong-password = Verwenden Sie ein starkes Passwort aus großen und kleinen Buchstaben, Ziffern und Sonderzeichen. Je länger, desto besser.
advice-unique-password = Verwenden Sie für dieses Konto ein Passwort, das Sie nirgendwo sonst verwenden.
advice-password-manager = Lassen Sie einen Passwortmanager Ihre Passwörter erfinden und sich merken.

## Die Seite hinter „Das war ich nicht“.

report-title = Waren Sie das nicht?
report-intro = Sagen Sie es uns: Wir stoppen, was noch offen ist, melden das Gerät ab, von dem es ausging, und verlangen ein neues Passwort. Bevor Sie auf die Schaltfläche drücken, geschieht nichts.
report-button = Das war ich nicht
report-working = Einen Moment …
report-done = Danke. Wir haben gestoppt, was offen war, und das Gerät abgemeldet, von dem es ausging.
report-done-next = Ändern Sie jetzt Ihr Passwort in der App und überall, wo Sie dasselbe verwenden.
report-done-support = Das Konto hat jetzt eine andere E-Mail-Adresse. Bitte wenden Sie sich an unseren Support, der Ihnen hilft, es zurückzubekommen.
report-used = Dieser Link wurde schon benutzt. Mit ihm ist nichts mehr zu tun.
report-expired = Dieser Link ist zu alt. Ändern Sie Ihr Passwort in der App, wenn Sie glauben, dass jemand anders es kennt.
report-failed = Das hat nicht geklappt. Prüfen Sie Ihre Verbindung und drücken Sie noch einmal auf die Schaltfläche.
report-no-token = Dieser Link ist unvollständig. Öffnen Sie ihn noch einmal aus der Nachricht.
report-needs-script = Diese Seite braucht JavaScript, um es uns zu sagen. Sie können Ihr Passwort auch in der App ändern.
