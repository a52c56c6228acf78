# ما يقرؤه الناس بالعربية. الرسائل والمتغيرات هي نفسها كما في en.ftl.

language-direction = rtl

-product = Postern

## رسائل البريد: العناوين. لا يرد فيها رمز أبدًا.

sign-in-code-subject = رمز تسجيل الدخول إلى { -product }
registration-code-subject = رمز التسجيل في { -product }
step-up-code-subject = رمز التأكيد في { -product }
password-reset-code-subject = رمز إعادة تعيين كلمة المرور في { -product }
email-change-code-subject = رمز لعنوان بريد إلكتروني جديد في { -product }
registration-attempt-subject = لديك حساب { -product } بالفعل
email-change-attempt-subject = عنوان بريدك الإلكتروني تابع لحسابك في { -product }
new-device-subject = سجّل جهاز جديد الدخول إلى حسابك في { -product }
code-entry-paused-subject = إدخال الرموز متوقف مؤقتًا لحسابك في { -product }
password-changed-subject = تم تغيير كلمة مرور حسابك في { -product }
password-reset-subject = تمت إعادة تعيين كلمة مرور حسابك في { -product }
email-changed-subject = تم تغيير عنوان البريد الإلكتروني لحسابك في { -product }
two-step-disabled-subject = تم إيقاف التحقق بخطوتين لحسابك في { -product }
device-removed-subject = تمت إزالة جهاز من حسابك في { -product }
recovery-codes-created-subject = رموز استرداد جديدة لحسابك في { -product }
account-erased-subject = تم حذف حسابك في { -product }

## رسائل البريد: ماذا حدث.

sign-in-code-intro = أدخل شخص ما كلمة مرورك ويريد تسجيل الدخول على جهاز جديد. إذا كنت أنت، فأدخل هذا الرمز على ذلك الجهاز:
registration-code-intro = أدخل هذا الرمز في التطبيق لتأكيد عنوان بريدك الإلكتروني وفتح حسابك:
step-up-code-intro = يريد شخص مسجّل الدخول إلى حسابك إجراء تغيير حساس. إذا كنت أنت، فأدخل هذا الرمز في التطبيق لتأكيده:
password-reset-code-intro = يريد شخص ما تعيين كلمة مرور جديدة لحسابك. إذا كنت أنت، فأدخل هذا الرمز في التطبيق:
email-change-code-intro = يريد شخص ما استخدام عنوان البريد الإلكتروني هذا لحسابه في { -product }. إذا كنت أنت، فأدخل هذا الرمز في التطبيق:
registration-attempt-intro = حاول شخص ما فتح حساب { -product } بعنوان البريد الإلكتروني هذا. للعنوان حساب بالفعل، لذلك لم يُفتح حساب جديد ولم يتغير شيء.
email-change-attempt-intro = حاول شخص ما نقل حساب { -product } آخر إلى عنوان البريد الإلكتروني هذا. العنوان تابع لحسابك، لذلك لم يتغير شيء.
new-device-intro = سجّل جهاز جديد الدخول إلى حسابك في { -product } بكلمة مرورك وبرمز أُرسل إليك.
new-device-recovery-intro = سجّل جهاز جديد الدخول إلى حسابك في { -product } بكلمة مرورك وبأحد رموز الاسترداد الخاصة بك. لم يعد رمز الاسترداد هذا صالحًا.
# $until (String) - متى ينتهي الإيقاف
code-entry-paused-intro = أُدخلت رموز خاطئة كثيرة لحسابك. لا يمكن للأجهزة الجديدة إدخال رمز حتى { $until }. أما الأجهزة التي تثق بها فتسجّل الدخول كالمعتاد.
code-entry-off-intro = أُدخلت رموز خاطئة كثيرة لحسابك. لا يمكن للأجهزة الجديدة إدخال رمز إلا بعد تغيير كلمة مرورك على جهاز موثوق أو إعادة تعيينها. أما الأجهزة التي تثق بها فتسجّل الدخول كالمعتاد.
password-changed-intro = غيّر كلمةَ مرور حسابك في { -product } شخصٌ كان يعرف الكلمة السابقة. تم تسجيل خروج جميع الأجهزة الأخرى، وستحتاج إلى رمز عند تسجيل الدخول التالي.
password-changed-kept-intro = غيّر كلمةَ مرور حسابك في { -product } شخصٌ كان يعرف الكلمة السابقة. تبقى الأجهزة الأخرى مسجّلة الدخول.
password-reset-intro = تمت إعادة تعيين كلمة مرور حسابك في { -product } برمز أُرسل إلى صندوق البريد هذا. تم تسجيل خروج جميع الأجهزة، وسيحتاج كل منها إلى رمز عند تسجيل الدخول التالي.
email-changed-intro = أصبح لحسابك في { -product } عنوان بريد إلكتروني آخر. هذه آخر رسالة إلى العنوان السابق.
two-step-disabled-intro = تم إيقاف التحقق بخطوتين. من يعرف كلمة مرور حسابك في { -product } يمكنه الآن تسجيل الدخول على جهاز جديد دون رمز.
device-removed-intro = تمت إزالة جهاز من أجهزتك الموثوقة. تم تسجيل خروجه، وسيحتاج إلى رمز عند تسجيل الدخول التالي.
device-reported-intro = أبلغ شخص ما، عبر رابط في إحدى رسائلنا، أنه لم يكن من استخدم هذا الجهاز. تم تسجيل خروج الجهاز ولم يعد موثوقًا، ويجب تغيير كلمة مرورك.
recovery-codes-created-intro = أُنشئت مجموعة جديدة من رموز الاسترداد لحسابك في { -product }. لم تعد رموز أي مجموعة سابقة صالحة.
account-erased-intro = تم حذف حسابك في { -product } وكل ما فيه من بيانات شخصية، كما طُلب في التطبيق. لم يعد بإمكان أحد تسجيل الدخول إليه، ولا يمكن استعادته.

# $minutes (Number) - عدد الدقائق الكاملة من الطلب إلى نهاية صلاحية الرمز
# $until (String) - وقت هذه النهاية
code-life = { $minutes ->
        [zero] الرمز صالح لأقل من دقيقة، حتى { $until }.
        [one] الرمز صالح لدقيقة واحدة، حتى { $until }.
        [two] الرمز صالح لدقيقتين، حتى { $until }.
        [few] الرمز صالح لمدة { $minutes } دقائق، حتى { $until }.
        [many] الرمز صالح لمدة { $minutes } دقيقة، حتى { $until }.
       *[other] الرمز صالح لمدة { $minutes } دقيقة، حتى { $until }.
    } لا تعطه لأحد: لن يطلبه منك أحد في { -product }.

## رسائل البريد: من، ومن أين، ومتى.

facts-heading-code = من طلبه
facts-heading-attempt = من حاول
facts-heading-device = من سجّل الدخول
facts-heading-act = عن هذا التغيير
facts-heading-pause = عن هذا الإيقاف
fact-device = الجهاز
fact-removed = الجهاز المُزال
fact-place = المكان
fact-ip = عنوان IP
fact-time = الوقت
fact-new-address = العنوان الجديد

# $name (String) - ما يسمي به صاحب الجهاز جهازه
device-name = «{ $name }»
# $platform (String) - نوع الجهاز من الرسالة "platform"
device-named = «{ $name }» ({ $platform })
device-unnamed = جهاز ({ $platform })
# $platform (String) - ios أو android أو web أو other
platform = { $platform ->
        [ios] iPhone أو iPad
        [android] Android
        [web] متصفح ويب
       *[other] نظام آخر
    }
# $city (String), $country (String) - رمز البلد من حرفين
place-city-country = { $city }، { $country } (تقريبًا)
place-city = { $city } (تقريبًا)
place-country = { $country } (تقريبًا)
place-unknown = مكان غير معروف
ip-unknown = غير معروف
# $date (String), $time (String) - بالأرقام
time-utc = { $date } { $time } UTC

## رسائل البريد: ما العمل.

sign-in-code-advice = إذا لم تكن أنت: لا يمكن لأحد تسجيل الدخول دون هذا الرمز. لكن من طلبه يعرف كلمة مرورك، فغيّرها هنا وفي كل مكان آخر تستخدمها فيه.
registration-code-advice = إذا لم تكن أنت: لا داعي لفعل شيء. دون هذا الرمز لا يمكن لأحد فتح حساب بعنوانك.
step-up-code-advice = إذا لم تكن أنت: لا يتغير شيء دون هذا الرمز. لكن من طلبه مسجّل الدخول ويعرف كلمة مرورك، فغيّرها وسجّل الخروج من جميع الأجهزة.
password-reset-code-advice = إذا لم تكن أنت: لا داعي لفعل شيء. دون هذا الرمز لا يمكن لأحد تعيين كلمة مرور جديدة.
email-change-code-advice = إذا لم تكن أنت: لا داعي لفعل شيء. دون هذا الرمز لا يُستخدم عنوانك.
registration-attempt-advice = إذا كنت أنت: سجّل الدخول بكلمة المرور التي لديك بالفعل. إذا لم تكن أنت: لا داعي لفعل شيء، فحسابك كما كان.
email-change-attempt-advice = إذا كنت أنت: لا يمكن أن يشترك حسابان في عنوان واحد، فاستخدم عنوانًا آخر أو احذف أحد الحسابين. إذا لم تكن أنت: لا داعي لفعل شيء، فحسابك كما كان.
new-device-advice = إذا كنت أنت: لا داعي لفعل شيء. إذا لم تكن أنت: أزل الجهاز من قائمة الأجهزة الموثوقة في التطبيق، وسجّل الخروج من جميع الأجهزة، وغيّر كلمة مرورك.
code-entry-paused-advice = إذا لم تكن أنت: من حاول ذلك يعرف كلمة مرورك، فغيّرها على جهاز تثق به. بذلك ينتهي الإيقاف أيضًا.
password-changed-advice = إذا كنت أنت: لا داعي لفعل شيء. إذا لم تكن أنت: أعد تعيين كلمة مرورك فورًا، فبذلك يُسجَّل خروج كل الأجهزة.
password-reset-advice = إذا كنت أنت: سجّل الدخول بكلمة المرور الجديدة. إذا لم تكن أنت: أمّن صندوق بريدك أولًا، ثم أعد تعيين كلمة مرورك.
email-changed-advice = إذا كنت أنت: لا داعي لفعل شيء. إذا لم تكن أنت: اتصل بالدعم لدينا فورًا.
two-step-disabled-advice = إذا كنت أنت: حمايتك الوحيدة الآن هي كلمة مرور طويلة لا تستخدمها في أي مكان آخر. إذا لم تكن أنت: شغّل التحقق بخطوتين من جديد وغيّر كلمة مرورك.
device-removed-advice = إذا كنت أنت: لا داعي لفعل شيء. إذا لم تكن أنت: هناك شخص آخر مسجّل الدخول، فغيّر كلمة مرورك وسجّل الخروج من جميع الأجهزة.
device-reported-advice = إذا كنت أنت: غيّر كلمة مرورك الآن، هنا وفي كل مكان آخر تستخدمها فيه. إذا لم تكن أنت: سجّل الدخول بالجهاز من جديد وغيّر كلمة مرورك.
recovery-codes-created-advice = إذا كنت أنت: احفظ الرموز حيث لا يجدها غيرك، وليس في هاتفك وحده. إذا لم تكن أنت: هناك شخص آخر مسجّل الدخول، فغيّر كلمة مرورك وأنشئ رموزًا جديدة.
account-erased-advice = إذا لم تكن أنت: اتصل بالدعم لدينا.

not-me-offer = إذا لم تكن أنت، فأخبرنا بضغطة واحدة: نوقف ما لا يزال مفتوحًا، ونسجّل خروج الجهاز الذي قام بذلك، ويصبح تغيير كلمة مرورك واجبًا.
not-me-button = لم أكن أنا

footer = أرسل { -product } هذه الرسالة تلقائيًا. لا يقرأ أحد الردود عليها.

## الإشعارات: ما يعرضه الهاتف وحده. يمكن لأي شخص قريب منه قراءتها.

sign-in-alert-title = طلب تسجيل دخول
# $device (String) - من الرسالة "device-named" أو "device-unnamed"
# $city (String), $country (String) - أين يبدو أنه موجود
sign-in-alert-city-country = { $device } بالقرب من { $city }، { $country }: طلب لتسجيل الدخول. افتح التطبيق لرؤية الرمز.
sign-in-alert-city = { $device } بالقرب من { $city }: طلب لتسجيل الدخول. افتح التطبيق لرؤية الرمز.
sign-in-alert-country = { $device }، على الأرجح في { $country }: طلب لتسجيل الدخول. افتح التطبيق لرؤية الرمز.
sign-in-alert-unknown = { $device }: طلب لتسجيل الدخول. افتح التطبيق لرؤية الرمز.

# الرمز يصل بالبريد: يُسأل الهاتف فقط عما إذا كان ذلك صحيحًا.
sign-in-mailed-alert-title = طلب تسجيل دخول
sign-in-mailed-alert-city-country = { $device } بالقرب من { $city }، { $country }: طلب لتسجيل الدخول. إذا لم تكن أنت، فافتح التطبيق وارفضه.
sign-in-mailed-alert-city = { $device } بالقرب من { $city }: طلب لتسجيل الدخول. إذا لم تكن أنت، فافتح التطبيق وارفضه.
sign-in-mailed-alert-country = { $device }، على الأرجح في { $country }: طلب لتسجيل الدخول. إذا لم تكن أنت، فافتح التطبيق وارفضه.
sign-in-mailed-alert-unknown = { $device }: طلب لتسجيل الدخول. إذا لم تكن أنت، فافتح التطبيق وارفضه.

# جهاز مسجّل الدخول يطلب رمزًا قبل أن يغيّر شيئًا.
step-up-alert-title = تأكيد تغيير
step-up-alert-city-country = { $device } بالقرب من { $city }، { $country }: طلب لتأكيد تغيير حساس. افتح التطبيق لرؤية الرمز.
step-up-alert-city = { $device } بالقرب من { $city }: طلب لتأكيد تغيير حساس. افتح التطبيق لرؤية الرمز.
step-up-alert-country = { $device }، على الأرجح في { $country }: طلب لتأكيد تغيير حساس. افتح التطبيق لرؤية الرمز.
step-up-alert-unknown = { $device }: طلب لتأكيد تغيير حساس. افتح التطبيق لرؤية الرمز.

## المشكلات: ما الذي حدث، وما يمكن للشخص فعله. اسمها من رمز المشكلة.

problem-invalid-request-title = الطلب غير صالح.
problem-invalid-request-detail = شيء فيه ناقص أو ليس بالشكل الصحيح. راجع ما أدخلته وحاول مرة أخرى.
problem-malformed-body-title = المحتوى ليس كائن JSON مقروءًا.
problem-malformed-body-detail = أرسل التطبيق شيئًا لا يمكننا قراءته. حاول مرة أخرى، وحدّث التطبيق إذا استمر ذلك.
problem-unsupported-media-type-title = يجب أن يكون المحتوى application/json.
problem-unsupported-media-type-detail = أرسل التطبيق شيئًا لا يمكننا قراءته. حاول مرة أخرى، وحدّث التطبيق إذا استمر ذلك.
problem-too-large-title = المحتوى كبير جدًا.
problem-too-large-detail = ما أُرسل أطول مما نقبله. اختصره وحاول مرة أخرى.
problem-not-found-title = لا يوجد شيء هنا.
problem-not-found-detail = ربما لم يكن هنا شيء قط، أو أنه لم يعد موجودًا أو يخص شخصًا آخر. ارجع وابدأ من جديد.
problem-method-not-allowed-title = هذه الطريقة غير مسموح بها هنا.
problem-method-not-allowed-detail = طلب التطبيق شيئًا غير موجود. حدّث التطبيق إذا استمر ذلك.
problem-app-update-required-title = يجب تحديث التطبيق.
problem-app-update-required-detail = هذا الإصدار من التطبيق أقدم من أن يسجّل الدخول بأمان. ثبّت أحدث إصدار ثم حاول مرة أخرى.
problem-invalid-proof-title = إثبات الجهاز غير صالح.
problem-invalid-proof-detail = لم نتمكن من التحقق من أن الطلب صادر عن هذا الجهاز. حاول مرة أخرى، وإذا استمر ذلك فتحقق من ساعة جهازك.
problem-invalid-token-title = رمز الوصول غير صالح.
problem-invalid-token-detail = أنت غير مسجّل الدخول على هذا الجهاز. سجّل الدخول من جديد.
problem-token-expired-title = انتهت صلاحية رمز الوصول.
problem-token-expired-detail = يجدّد التطبيق جلستك بنفسه. إذا استمر ذلك فسجّل الدخول من جديد.
problem-invalid-credentials-title = عنوان البريد الإلكتروني أو كلمة المرور غير صحيحة.
problem-invalid-credentials-detail = راجعهما وحاول مرة أخرى. إذا كنت لا تتذكر كلمة مرورك فأعد تعيينها.
problem-code-incorrect-title = الرمز غير صحيح.
problem-code-incorrect-detail = أدخل أحدث رمز وصلك، فالرمز الأقدم لم يعد صالحًا.
problem-code-expired-title = انتهت صلاحية الرمز.
problem-code-expired-detail = اطلب رمزًا جديدًا وأدخله قريبًا.
problem-attempt-closed-title = انتهت هذه المحاولة.
problem-attempt-closed-detail = ابدأ من جديد لتلقي رمز جديد.
problem-too-many-attempts-title = رموز خاطئة كثيرة، إدخال الرموز متوقف مؤقتًا.
problem-too-many-attempts-detail = انتظر وحاول لاحقًا، أو استخدم جهازًا تثق به: فهو يسجّل الدخول دون رمز.
problem-resend-too-soon-title = أُرسل الرمز قبل لحظات.
problem-resend-too-soon-detail = قد يستغرق وصوله بعض الوقت. ابحث في مجلد البريد غير المرغوب فيه أيضًا، ثم اطلبه مرة أخرى.
problem-too-many-sends-title = أُرسل الرمز بقدر ما يمكن إرساله.
problem-too-many-sends-detail = أدخل أحدث رمز وصلك، أو حاول لاحقًا.
problem-rate-limited-title = طلبات كثيرة جدًا، انتظر قليلًا.
problem-rate-limited-detail = انتظر قليلًا ثم حاول مرة أخرى.
problem-channel-unavailable-title = لا يمكن إرسال الرمز بهذه الطريقة.
problem-channel-unavailable-detail = اختر طريقة أخرى لتلقيه.
problem-channel-unavailable-no-device-detail = ليس لديك جهاز موثوق آخر يمكنه عرض رمز. اختر البريد الإلكتروني.
problem-channel-unavailable-too-many-pushes-detail = سُئلت أجهزتك مرات كثيرة دون أن يُدخل رمز. اختر البريد الإلكتروني، أو حاول لاحقًا.
problem-channel-unavailable-bounced-detail = الرسائل إلى عنوانك ترتد. استخدم التطبيق على جهاز موثوق، أو اتصل بالدعم لدينا.
problem-channel-unavailable-recently-reset-detail = أُعيد تعيين كلمة مرورك بالبريد الإلكتروني قبل وقت قصير، لذلك لا يكفي البريد الإلكتروني حاليًا على جهاز جديد. استخدم جهازًا كنت تثق به من قبل، أو انتظر.
problem-step-up-required-title = أكّد أنك أنت.
problem-step-up-required-detail = هذا تغيير حساس: أدخل كلمة مرورك، ورمزًا إذا طُلب منك.
problem-device-too-new-title = لم تمضِ مدة كافية على الوثوق بهذا الجهاز.
problem-device-too-new-detail = استخدم جهازًا تثق به منذ مدة أطول، أو أكّد برمز أنك أنت.
problem-weak-password-title = كلمة المرور ضعيفة جدًا.
problem-weak-password-detail = اختر كلمة مرور أطول يصعب تخمينها.
# $minimum (Number) - أقل عدد كافٍ من المحارف
problem-weak-password-too-short-detail = { $minimum ->
        [zero] تتكون كلمة المرور من { $minimum } محرف على الأقل.
        [one] تتكون كلمة المرور من محرف واحد على الأقل.
        [two] تتكون كلمة المرور من محرفين على الأقل.
        [few] تتكون كلمة المرور من { $minimum } محارف على الأقل.
        [many] تتكون كلمة المرور من { $minimum } محرفًا على الأقل.
       *[other] تتكون كلمة المرور من { $minimum } محرف على الأقل.
    }
problem-weak-password-guessable-detail = يسهل تخمين كلمة المرور هذه. لا تستخدم اسمك ولا عنوانك ولا كلمات شائعة ولا صفوفًا من المفاتيح، فالأفضل عدة كلمات لا صلة بينها.
problem-weak-password-alone-detail = { $minimum ->
        [zero] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من { $minimum } محرف على الأقل. غيّر كلمة مرورك أولًا.
        [one] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من محرف واحد على الأقل. غيّر كلمة مرورك أولًا.
        [two] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من محرفين على الأقل. غيّر كلمة مرورك أولًا.
        [few] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من { $minimum } محارف على الأقل. غيّر كلمة مرورك أولًا.
        [many] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من { $minimum } محرفًا على الأقل. غيّر كلمة مرورك أولًا.
       *[other] دون التحقق بخطوتين يجب أن تتكون كلمة المرور من { $minimum } محرف على الأقل. غيّر كلمة مرورك أولًا.
    }
problem-idempotency-key-reused-title = استُخدم هذا المفتاح لطلب آخر.
problem-idempotency-key-reused-detail = خلط التطبيق بين طلبين. حاول مرة أخرى، وحدّث التطبيق إذا استمر ذلك.
problem-conflict-title = لا يمكن ذلك في الوضع الحالي.
problem-conflict-detail = تغيّر شيء في هذه الأثناء. انظر من جديد، ثم كرّر الأمر إذا كان لا يزال مفيدًا.
problem-unavailable-title = { -product } غير متاح الآن.
problem-unavailable-detail = لا خطأ فيما فعلته. انتظر لحظة ثم حاول مرة أخرى.
problem-crashed-title = حدث خطأ من جانبنا.
problem-crashed-detail = لا خطأ فيما فعلته. حاول مرة أخرى، واتصل بالدعم لدينا إذا استمر ذلك.

## نصائح لأمان تسجيل الدخول. اسمها من رمز النصيحة.

advice-change-password = ربما يعرف شخص آخر كلمة مرورك. غيّرها الآن، هنا وفي كل مكان آخر تستخدمها فيه.
advice-email-undeliverable = لا تصل الرسائل إلى عنوانك. تحقق منه أو غيّره كي تصلك الرموز.
advice-enable-notifications = اسمح للتطبيق بالإشعارات، كي يخبرك هذا الهاتف عندما يريد جهاز جديد تسجيل الدخول.
advice-add-device = سجّل الدخول على جهاز ثانٍ واجعله موثوقًا، كي تتمكن من الدخول حتى لو فقدت هذا الجهاز.
advice-create-recovery-codes = أنشئ رموز استرداد واحفظها في مكان آمن، لليوم الذي لا يصلك فيه أي رمز.
advice-turn-on-two-step = شغّل التحقق بخطوتين: عندئذ لا تكفي كلمة مرورك وحدها لدخول أحد.
advice-strong-password = استخدم كلمة مرور قوية تجمع بين الحروف الصغيرة والكبيرة والأرقام والرموز. كلما كانت أطول كان أفضل.
advice-unique-password = استخدم لهذا الحساب كلمة مرور لا تستخدمها في أي مكان آخر.
advice-password-manager = دع مدير كلمات مرور ينشئ كلمات مرورك ويتذكرها.

## الصفحة التي يفتحها «لم أكن أنا».

report-title = ألم تكن أنت؟
report-intro = أخبرنا، فنوقف ما لا يزال مفتوحًا، ونسجّل خروج الجهاز الذي قام بذلك، ونطلب كلمة مرور جديدة. لا يحدث شيء قبل أن تضغط الزر.
report-button = لم أكن أنا
report-working = لحظة واحدة…
report-done = شكرًا لك. أوقفنا ما كان مفتوحًا وسجّلنا خروج الجهاز الذي قام بذلك.
report-done-next = غيّر الآن كلمة مرورك في التطبيق، وفي كل مكان آخر تستخدمها فيه.
report-done-support = أصبح للحساب الآن عنوان بريد إلكتروني آخر. يُرجى التواصل مع الدعم لدينا ليساعدك على استعادته.
report-used = سبق استخدام هذا الرابط. لم يبقَ ما يُفعل به.
report-expired = هذا الرابط قديم جدًا. غيّر كلمة مرورك في التطبيق إذا كنت تظن أن شخصًا آخر يعرفها.
report-failed = لم ينجح ذلك. تحقق من اتصالك واضغط الزر مرة أخرى.
report-no-token = هذا الرابط غير كامل. افتحه من الرسالة مرة أخرى.
report-needs-script = تحتاج هذه الصفحة إلى JavaScript لإخبارنا. يمكنك أيضًا تغيير كلمة مرورك في التطبيق.
