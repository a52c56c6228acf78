# Co lidé čtou česky. Zprávy a proměnné jsou tytéž jako v en.ftl.

language-direction = ltr

-product = Postern

## E-maily: předměty. Kód v nich nikdy není.

sign-in-code-subject = Váš přihlašovací kód pro { -product }
registration-code-subject = Váš registrační kód pro { -product }
step-up-code-subject = Váš potvrzovací kód pro { -product }
password-reset-code-subject = Váš kód k obnovení hesla pro { -product }
email-change-code-subject = Váš kód pro novou e-mailovou adresu v { -product }
registration-attempt-subject = Účet { -product } už máte
email-change-attempt-subject = Vaše e-mailová adresa patří k vašemu účtu { -product }
new-device-subject = K vašemu účtu { -product } se přihlásilo nové zařízení
code-entry-paused-subject = Zadávání kódů k vašemu účtu { -product } je pozastaveno
password-changed-subject = Heslo k vašemu účtu { -product } bylo změněno
password-reset-subject = Heslo k vašemu účtu { -product } bylo obnoveno
email-changed-subject = E-mailová adresa vašeho účtu { -product } byla změněna
two-step-disabled-subject = Dvoufázové ověření vašeho účtu { -product } bylo vypnuto
device-removed-subject = Z vašeho účtu { -product } bylo odebráno zařízení
recovery-codes-created-subject = Nové záložní kódy k vašemu účtu { -product }
account-erased-subject = Váš účet { -product } byl smazán

## E-maily: co se stalo.

sign-in-code-intro = Někdo zadal vaše heslo a chce se přihlásit na novém zařízení. Pokud jste to vy, zadejte na něm tento kód:
registration-code-intro = Zadáním tohoto kódu v aplikaci potvrdíte svou e-mailovou adresu a založíte si účet:
step-up-code-intro = Někdo, kdo je přihlášen k vašemu účtu, chce provést citlivou změnu. Pokud jste to vy, potvrďte ji zadáním tohoto kódu v aplikaci:
password-reset-code-intro = Někdo chce k vašemu účtu nastavit nové heslo. Pokud jste to vy, zadejte v aplikaci tento kód:
email-change-code-intro = Někdo chce tuto e-mailovou adresu používat pro svůj účet { -product }. Pokud jste to vy, zadejte v aplikaci tento kód:
registration-attempt-intro = Někdo se pokusil založit účet { -product } s touto e-mailovou adresou. Účet s ní už existuje, proto žádný nový nevznikl a nic se nezměnilo.
email-change-attempt-intro = Někdo se pokusil převést na tuto e-mailovou adresu jiný účet { -product }. Adresa patří k vašemu účtu, proto se nic nezměnilo.
new-device-intro = K vašemu účtu { -product } se přihlásilo nové zařízení, a to vaším heslem a kódem, který jsme vám poslali.
new-device-recovery-intro = K vašemu účtu { -product } se přihlásilo nové zařízení, a to vaším heslem a jedním z vašich záložních kódů. Tento záložní kód už znovu použít nelze.
# $until (String) - kdy pozastavení skončí
code-entry-paused-intro = K vašemu účtu bylo zadáno příliš mnoho chybných kódů. Nová zařízení nemohou zadat kód do { $until }. Zařízení, kterým důvěřujete, se přihlásí jako vždy.
code-entry-off-intro = K vašemu účtu bylo zadáno příliš mnoho chybných kódů. Nová zařízení nemohou zadat kód, dokud heslo nezměníte na důvěryhodném zařízení nebo ho neobnovíte. Zařízení, kterým důvěřujete, se přihlásí jako vždy.
password-changed-intro = Heslo k vašemu účtu { -product } změnil někdo, kdo znal to předchozí. Všechna ostatní zařízení byla odhlášena a při příštím přihlášení budou potřebovat kód.
password-changed-kept-intro = Heslo k vašemu účtu { -product } změnil někdo, kdo znal to předchozí. Ostatní zařízení zůstávají přihlášena.
password-reset-intro = Heslo k vašemu účtu { -product } bylo obnoveno pomocí kódu poslaného do této schránky. Všechna zařízení byla odhlášena a každé bude při příštím přihlášení potřebovat kód.
email-changed-intro = Váš účet { -product } má nyní jinou e-mailovou adresu. Toto je poslední zpráva na adresu předchozí.
two-step-disabled-intro = Dvoufázové ověření bylo vypnuto. Kdo zná heslo k vašemu účtu { -product }, může se nyní na novém zařízení přihlásit bez kódu.
device-removed-intro = Z vašich důvěryhodných zařízení bylo jedno odebráno. Je odhlášeno a při příštím přihlášení bude potřebovat kód.
device-reported-intro = Někdo přes odkaz v jedné z našich zpráv oznámil, že toto zařízení nepoužil on. Zařízení je odhlášeno, není už důvěryhodné a vaše heslo je třeba změnit.
recovery-codes-created-intro = K vašemu účtu { -product } byla vytvořena nová sada záložních kódů. Kódy z dřívějších sad už neplatí.
account-erased-intro = Váš účet { -product } a všechny osobní údaje v něm byly na žádost z aplikace smazány. Nikdo se k němu už nepřihlásí a nelze ho obnovit.

# $minutes (Number) - celé minuty od žádosti do konce platnosti kódu
# $until (String) - čas tohoto konce
code-life = { $minutes ->
        [0] Kód platí méně než minutu, do { $until }.
        [one] Kód platí { $minutes } minutu, do { $until }.
        [few] Kód platí { $minutes } minuty, do { $until }.
        [many] Kód platí { $minutes } minuty, do { $until }.
       *[other] Kód platí { $minutes } minut, do { $until }.
    } Nikomu ho neříkejte: z { -product } se vás na něj nikdo ptát nebude.

## E-maily: kdo, odkud a kdy.

facts-heading-code = Kdo o něj požádal
facts-heading-attempt = Kdo to zkusil
facts-heading-device = Kdo se přihlásil
facts-heading-act = O této změně
facts-heading-pause = O tomto pozastavení
fact-device = Zařízení
fact-removed = Odebrané zařízení
fact-place = Místo
fact-ip = IP adresa
fact-time = Čas
fact-new-address = Nová adresa

# $name (String) - jak majitel zařízení nazval
device-name = „{ $name }“
# $platform (String) - druh zařízení ze zprávy "platform"
device-named = „{ $name }“ ({ $platform })
device-unnamed = Zařízení ({ $platform })
# $platform (String) - ios, android, web nebo other
platform = { $platform ->
        [ios] iPhone nebo iPad
        [android] Android
        [web] webový prohlížeč
       *[other] jiný systém
    }
# $city (String), $country (String) - dvoupísmenný kód země
place-city-country = { $city }, { $country } (přibližně)
place-city = { $city } (přibližně)
place-country = { $country } (přibližně)
place-unknown = neznámé místo
ip-unknown = neznámá
# $date (String), $time (String) - číslicemi
time-utc = { $date } { $time } UTC

## E-maily: co dělat.

sign-in-code-advice = Pokud jste to nebyli vy: bez tohoto kódu se nikdo nepřihlásí. Kdo o něj požádal, ale zná vaše heslo, proto si ho změňte, zde i všude jinde, kde používáte stejné.
registration-code-advice = Pokud jste to nebyli vy: nemusíte nic dělat. Bez tohoto kódu si nikdo účet s vaší adresou nezaloží.
step-up-code-advice = Pokud jste to nebyli vy: bez tohoto kódu se nic nezmění. Kdo o něj požádal, je ale přihlášen a zná vaše heslo, proto si ho změňte a odhlaste všechna zařízení.
password-reset-code-advice = Pokud jste to nebyli vy: nemusíte nic dělat. Bez tohoto kódu nikdo nové heslo nenastaví.
email-change-code-advice = Pokud jste to nebyli vy: nemusíte nic dělat. Bez tohoto kódu se vaše adresa nepoužije.
registration-attempt-advice = Pokud jste to byli vy: přihlaste se heslem, které už máte. Pokud ne: nemusíte nic dělat, váš účet zůstal, jaký byl.
email-change-attempt-advice = Pokud jste to byli vy: dva účty nemohou mít stejnou adresu, použijte tedy jinou, nebo jeden z účtů smažte. Pokud ne: nemusíte nic dělat, váš účet zůstal, jaký byl.
new-device-advice = Pokud jste to byli vy: nemusíte nic dělat. Pokud ne: odeberte zařízení v aplikaci ze seznamu důvěryhodných, odhlaste všechna zařízení a změňte si heslo.
code-entry-paused-advice = Pokud jste to nebyli vy: kdo kódy zkoušel, zná vaše heslo, proto si ho změňte na zařízení, kterému důvěřujete. Tím pozastavení také skončí.
password-changed-advice = Pokud jste to byli vy: nemusíte nic dělat. Pokud ne: ihned si heslo obnovte, tím se odhlásí všechna zařízení.
password-reset-advice = Pokud jste to byli vy: přihlaste se novým heslem. Pokud ne: nejprve zabezpečte svou e-mailovou schránku, potom si heslo obnovte.
email-changed-advice = Pokud jste to byli vy: nemusíte nic dělat. Pokud ne: ihned se obraťte na naši podporu.
two-step-disabled-advice = Pokud jste to byli vy: nyní vás chrání jen dlouhé heslo, které nikde jinde nepoužíváte. Pokud ne: dvoufázové ověření znovu zapněte a změňte si heslo.
device-removed-advice = Pokud jste to byli vy: nemusíte nic dělat. Pokud ne: je přihlášen někdo cizí, proto si změňte heslo a odhlaste všechna zařízení.
device-reported-advice = Pokud jste to byli vy: změňte si nyní heslo, zde i všude jinde, kde používáte stejné. Pokud ne: přihlaste se na zařízení znovu a změňte si heslo.
recovery-codes-created-advice = Pokud jste to byli vy: uložte si kódy tam, kde je najdete jen vy, a ne pouze v telefonu. Pokud ne: je přihlášen někdo cizí, proto si změňte heslo a vytvořte nové kódy.
account-erased-advice = Pokud jste to nebyli vy: obraťte se na naši podporu.

not-me-offer = Pokud jste to nebyli vy, řekněte nám to jedním klepnutím: co je ještě otevřené, zastavíme, zařízení, které to udělalo, odhlásíme a heslo bude třeba změnit.
not-me-button = Nebyl(a) jsem to já

footer = Tuto zprávu odeslal { -product } automaticky. Odpovědi nikdo nečte.

## Oznámení v telefonu. Může je číst kdokoli poblíž.

sign-in-alert-title = Žádost o přihlášení
# $device (String) - ze zprávy "device-named" nebo "device-unnamed"
# $city (String), $country (String) - kde zařízení nejspíš je
sign-in-alert-city-country = { $device } se chce přihlásit, přibližné místo: { $city }, { $country }. Kód uvidíte v aplikaci.
sign-in-alert-city = { $device } se chce přihlásit, přibližné místo: { $city }. Kód uvidíte v aplikaci.
sign-in-alert-country = { $device } se chce přihlásit, pravděpodobně ze země { $country }. Kód uvidíte v aplikaci.
sign-in-alert-unknown = { $device } se chce přihlásit. Kód uvidíte v aplikaci.

# Kód jde e-mailem: telefon se ptá jen na to, zda je to v pořádku.
sign-in-mailed-alert-title = Žádost o přihlášení
sign-in-mailed-alert-city-country = { $device } se chce přihlásit, přibližné místo: { $city }, { $country }. Pokud to nejste vy, otevřete aplikaci a přihlášení zamítněte.
sign-in-mailed-alert-city = { $device } se chce přihlásit, přibližné místo: { $city }. Pokud to nejste vy, otevřete aplikaci a přihlášení zamítněte.
sign-in-mailed-alert-country = { $device } se chce přihlásit, pravděpodobně ze země { $country }. Pokud to nejste vy, otevřete aplikaci a přihlášení zamítněte.
sign-in-mailed-alert-unknown = { $device } se chce přihlásit. Pokud to nejste vy, otevřete aplikaci a přihlášení zamítněte.

# Přihlášené zařízení žádá o kód, než něco změní.
step-up-alert-title = Potvrzení změny
step-up-alert-city-country = { $device } chce potvrdit citlivou změnu, přibližné místo: { $city }, { $country }. Kód uvidíte v aplikaci.
step-up-alert-city = { $device } chce potvrdit citlivou změnu, přibližné místo: { $city }. Kód uvidíte v aplikaci.
step-up-alert-country = { $device } chce potvrdit citlivou změnu, pravděpodobně ze země { $country }. Kód uvidíte v aplikaci.
step-up-alert-unknown = { $device } chce potvrdit citlivou změnu. Kód uvidíte v aplikaci.

## Problémy: co se nepovedlo a co s tím. Pojmenovány kódem problému.

problem-invalid-request-title = Požadavek není platný.
problem-invalid-request-detail = Něco v něm chybí nebo nemá správný tvar. Zkontrolujte, co jste zadali, a zkuste to znovu.
problem-malformed-body-title = Obsah není čitelný objekt JSON.
problem-malformed-body-detail = Aplikace poslala něco, co neumíme přečíst. Zkuste to znovu, a pokud to potrvá, aktualizujte aplikaci.
problem-unsupported-media-type-title = Obsah musí být application/json.
problem-unsupported-media-type-detail = Aplikace poslala něco, co neumíme přečíst. Zkuste to znovu, a pokud to potrvá, aktualizujte aplikaci.
problem-too-large-title = Obsah je příliš velký.
problem-too-large-detail = Poslali jste více, než kolik přijímáme. Zkraťte to a zkuste to znovu.
problem-not-found-title = Tady nic není.
problem-not-found-detail = Možná to tu nikdy nebylo, už to zaniklo, nebo to patří někomu jinému. Vraťte se a začněte znovu.
problem-method-not-allowed-title = Tato metoda zde není povolena.
problem-method-not-allowed-detail = Aplikace žádá o něco, co neexistuje. Pokud to potrvá, aktualizujte ji.
problem-app-update-required-title = Aplikaci je třeba aktualizovat.
problem-app-update-required-detail = Tato verze aplikace je na bezpečné přihlášení příliš stará. Nainstalujte nejnovější verzi a zkuste to znovu.
problem-invalid-proof-title = Důkaz zařízení není platný.
problem-invalid-proof-detail = Nepodařilo se nám ověřit, že požadavek pochází z tohoto zařízení. Zkuste to znovu, a pokud to potrvá, zkontrolujte hodiny zařízení.
problem-invalid-token-title = Token není platný.
problem-invalid-token-detail = Na tomto zařízení jste odhlášeni. Přihlaste se znovu.
problem-token-expired-title = Platnost přístupového tokenu vypršela.
problem-token-expired-detail = Aplikace si přihlášení obnoví sama. Pokud to potrvá, přihlaste se znovu.
problem-invalid-credentials-title = E-mailová adresa nebo heslo nesouhlasí.
problem-invalid-credentials-detail = Zkontrolujte obojí a zkuste to znovu. Pokud si heslo nepamatujete, obnovte si ho.
problem-code-incorrect-title = Kód není správný.
problem-code-incorrect-detail = Zadejte nejnovější kód, který jste dostali, starší už neplatí.
problem-code-expired-title = Platnost kódu vypršela.
problem-code-expired-detail = Vyžádejte si nový kód a brzy ho zadejte.
problem-attempt-closed-title = Tento pokus skončil.
problem-attempt-closed-detail = Začněte znovu, dostanete nový kód.
problem-too-many-attempts-title = Příliš mnoho chybných kódů, zadávání je pozastaveno.
problem-too-many-attempts-detail = Zkuste to později, nebo použijte zařízení, kterému důvěřujete: přihlásí se bez kódu.
problem-resend-too-soon-title = Kód byl odeslán před chvílí.
problem-resend-too-soon-detail = Může chvíli trvat, než dorazí. Podívejte se i do složky se spamem a potom si ho vyžádejte znovu.
problem-too-many-sends-title = Kód už byl odeslán tolikrát, kolikrát lze.
problem-too-many-sends-detail = Zadejte nejnovější kód, který jste dostali, nebo to zkuste později.
problem-rate-limited-title = Příliš mnoho požadavků, chvíli počkejte.
problem-rate-limited-detail = Chvíli počkejte a zkuste to znovu.
problem-channel-unavailable-title = Kód nelze poslat tímto způsobem.
problem-channel-unavailable-detail = Zvolte jiný způsob, jak ho dostat.
problem-channel-unavailable-no-device-detail = Žádné další vaše zařízení není důvěryhodné, takže kód nemá které ukázat. Zvolte e-mail.
problem-channel-unavailable-too-many-pushes-detail = Vaše zařízení dostala příliš mnoho dotazů, aniž byl kód zadán. Zvolte e-mail, nebo to zkuste později.
problem-channel-unavailable-bounced-detail = Zprávy na vaši adresu se vracejí. Použijte aplikaci na důvěryhodném zařízení, nebo se obraťte na naši podporu.
problem-channel-unavailable-recently-reset-detail = Vaše heslo bylo před krátkou dobou obnoveno e-mailem, proto na novém zařízení e-mail zatím nestačí. Použijte zařízení, kterému jste důvěřovali už dříve, nebo počkejte.
problem-step-up-required-title = Potvrďte, že jste to vy.
problem-step-up-required-detail = Tato změna je citlivá: zadejte své heslo, a budete-li vyzváni, také kód.
problem-device-too-new-title = Tomuto zařízení důvěřujete příliš krátce.
problem-device-too-new-detail = Použijte zařízení, kterému důvěřujete déle, nebo kódem potvrďte, že jste to vy.
problem-weak-password-title = Heslo je příliš slabé.
problem-weak-password-detail = Zvolte delší heslo, které se těžko uhodne.
# $minimum (Number) - nejmenší počet znaků, který stačí
problem-weak-password-too-short-detail = { $minimum ->
        [one] Heslo musí mít alespoň { $minimum } znak.
        [few] Heslo musí mít alespoň { $minimum } znaky.
        [many] Heslo musí mít alespoň { $minimum } znaku.
       *[other] Heslo musí mít alespoň { $minimum } znaků.
    }
problem-weak-password-guessable-detail = Toto heslo se snadno uhodne. Nepoužívejte své jméno, adresu, běžná slova ani řady kláves, lepší je několik slov, která spolu nesouvisejí.
problem-weak-password-alone-detail = { $minimum ->
        [one] Bez dvoufázového ověření musí mít heslo alespoň { $minimum } znak. Nejprve si heslo změňte.
        [few] Bez dvoufázového ověření musí mít heslo alespoň { $minimum } znaky. Nejprve si heslo změňte.
        [many] Bez dvoufázového ověření musí mít heslo alespoň { $minimum } znaku. Nejprve si heslo změňte.
       *[other] Bez dvoufázového ověření musí mít heslo alespoň { $minimum } znaků. Nejprve si heslo změňte.
    }
problem-idempotency-key-reused-title = Tento klíč byl použit pro jiný požadavek.
problem-idempotency-key-reused-detail = Aplikace zaměnila dva požadavky. Zkuste to znovu, a pokud to potrvá, aktualizujte ji.
problem-conflict-title = Za současného stavu to nelze provést.
problem-conflict-detail = Něco se mezitím změnilo. Podívejte se znovu a opakujte to, pokud to má stále smysl.
problem-unavailable-title = { -product } teď není dostupný.
problem-unavailable-detail = Na vaší straně je vše v pořádku. Chvíli počkejte a zkuste to znovu.
problem-crashed-title = Na naší straně se něco pokazilo.
problem-crashed-detail = Na vaší straně je vše v pořádku. Zkuste to znovu, a pokud to potrvá, obraťte se na naši podporu.

## Rady k bezpečnosti přihlášení. Pojmenovány kódem rady.

advice-change-password = Vaše heslo možná zná někdo cizí. Změňte si ho hned, zde i všude jinde, kde používáte stejné.
advice-email-undeliverable = Zprávy na vaši adresu nedocházejí. Zkontrolujte ji nebo ji změňte, aby k vám kódy dorazily.
advice-enable-notifications = Povolte aplikaci oznámení, aby vám telefon řekl, když se chce přihlásit nové zařízení.
advice-add-device = Přihlaste se i na druhém zařízení a označte ho za důvěryhodné, abyste se přihlásili, i když o toto přijdete.
advice-create-recovery-codes = Vytvořte si záložní kódy a uložte je na bezpečné místo pro den, kdy k vám žádný kód nedorazí.
advice-turn-on-two-step = Zapněte si dvoufázové ověření: samotným heslem se pak nikdo nepřihlásí.
advice-strong-password = Používejte silné heslo, ve kterém jsou malá i velká písmena, číslice a symboly. Čím delší, tím lepší.
advice-unique-password = Pro tento účet používejte heslo, které nemáte nikde jinde.
advice-password-manager = Hesla ať za vás vymýšlí a pamatuje si správce hesel.

## Stránka za odkazem „Nebyl(a) jsem to já“.

report-title = Nebyli jste to vy?
report-intro = Řekněte nám to: co je ještě otevřené, zastavíme, zařízení, které to udělalo, odhlásíme a vyžádáme si nové heslo. Dokud nestisknete tlačítko, nic se nestane.
report-button = Nebyl(a) jsem to já
report-working = Okamžik …
report-done = Děkujeme. Co bylo otevřené, jsme zastavili a zařízení, které to udělalo, jsme odhlásili.
report-done-next = Nyní si v aplikaci změňte heslo, a také všude jinde, kde používáte stejné.
report-done-support = Účet má teď jinou e-mailovou adresu. Obraťte se prosím na naši podporu, která vám ho pomůže získat zpět.
report-used = Tento odkaz už byl použit. Není už k ničemu potřeba.
report-expired = Tento odkaz je příliš starý. Pokud si myslíte, že vaše heslo zná někdo cizí, změňte si ho v aplikaci.
report-failed = Nepovedlo se to. Zkontrolujte připojení a stiskněte tlačítko znovu.
report-no-token = Tento odkaz není úplný. Otevřete ho znovu přímo ze zprávy.
report-needs-script = Aby nám to tato stránka mohla říct, potřebuje JavaScript. Heslo si můžete změnit i v aplikaci.
