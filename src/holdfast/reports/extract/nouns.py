"""The closed list of nouns that a number may count, with the unit that each stands for."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FAMILIES", "Noun", "find_noun"]


class Noun(NamedTuple):
    """What a counted noun means. `unit` is ours, `family` says how it is read:

    counter: a counter of a post or channel; audience: people who may be followers, viewers or just people; people: people
    only; viewers: people who watched; posts; things: other countable things; other: a known unit that makes no claim.
    """

    unit: str
    family: str


FAMILIES = ("counter", "audience", "people", "viewers", "posts", "things", "other")

_EN: dict[str, Noun] = {}
_RU: dict[str, Noun] = {}


def _english(unit: str, family: str, singulars: str, irregular: str = "") -> None:
    for word in singulars.split():
        plural = word[:-1] + "ies" if word[-1] == "y" and word[-2] not in "aeiou" else word + "s"
        if word.endswith(("ch", "sh", "s", "x")):
            plural = word + "es"
        _EN[word] = _EN[plural] = Noun(unit, family)
    for word in irregular.split():
        _EN[word] = Noun(unit, family)


_ENDINGS = {
    "m": " а у ом е ы ов ам ами ах",  # просмотр
    "mk": " а у ом е и ов ам ами ах",  # подписчик
    "mj": "ь я ю ем е и ей ям ями ях ев",  # зритель
    "mc": " а у ем ом е ы ев ам ами ах",  # месяц
    "f": "а ы е у ой ою ам ами ах",  # минута (genitive plural without ending)
    "fk": "а и е у ой ою ам ами ах",  # сотрудниц-а is f; книг-а
    "fi": "ия ии ию ией ий иям иями иях",  # публикация
    "fs": "ь и ью ей ям ями ях",  # запись
    "n": "о а у ом е ам ами ах",
    "ni": "ие ия ию ием ии ий иям иями иях ье ья ьев",  # сообщение
    "adj": "ый ой ий ого его ому ему ым им ом ем ые ие ых их ыми ими ая ую ей",  # военный
    "": "",
}


def _russian(unit: str, family: str, endings: str, stems: str) -> None:
    noun = Noun(unit, family)
    for stem in stems.split():
        for ending in [*_ENDINGS[endings].split(" ")]:
            _RU[stem + ending] = noun
        if endings in {"f", "fk", "n"}:
            _RU[stem] = noun


def _exactly(unit: str, family: str, forms: str) -> None:
    for form in forms.split():
        _RU[form] = Noun(unit, family)


_english("views", "counter", "view viewing play impression stream hit listen playback")
_english("followers", "counter", "follower subscriber sub subscription")
_english("reactions", "counter", "like reaction dislike heart emoji upvote thumbs-up")
_english("comments", "counter", "comment reply")
_english("forwards", "counter", "share forward repost retweet reshare")
_english("viewers", "viewers", "viewer listener")
_english("people", "audience", "member participant user reader person", "people persons")
_english(
    "people",
    "people",
    "protester protestor demonstrator marcher picketer journalist reporter detainee prisoner activist wife mother father relative boy "
    "girl soldier civilian resident student officer policeman worker victim migrant supporter fan passenger patient employee "
    "citizen voter Ukrainian Russian Muscovite teenager child witness guest visitor volunteer doctor nurse teacher lawyer deputy "
    "official suspect hostage refugee widow veteran servicewoman conscript recruit troop guard rescuer firefighter miner docker fisherman "
    "inmate believer tenant neighbour neighbor attendee defendant opponent signatory inhabitant villager farmer rider driver "
    "customer survivor casualty death fatality adult pensioner colleague friend musician artist priest fighter mourner man woman "
    "pupil parent onlooker bystander spectator artillerist engineer scientist staffer editor".lower(),
    "wives women men children policemen policewomen servicemen servicewomen police teens troops personnel staff firefighters fishermen dead "
    "mobilised mobilized wounded",
)
_english(
    "posts",
    "posts",
    "post message publication video clip photo photograph picture image story reel version tweet recording entry",
)
_english("channels", "things", "channel")
_english("groups", "things", "group community")
_english("chats", "things", "chat")
_english("accounts", "things", "account page profile")
_english("countries", "things", "country")
_english(
    "other",
    "other",
    "dollar euro rouble ruble pound hryvnia year month week day hour minute second degree kilometer kilometre mile meter metre kilogram "
    "ton tonne litre liter percent cup point goal place seat room floor percentage cent km kg km/h mph mm cm ms copy "
    "word page-view ticket apartment house building vote signature age",
    "years months weeks days hours minutes seconds feet pages %",
)
_EN["hearts"] = Noun("reactions", "counter")
for _word in ("sub", "subs", "hit", "hits", "page", "play", "person"):
    # Fewer false hits than finds: "25 hits", "page 12" say nothing of a channel. Plays are kept in the plural.
    if _word in {"hit", "hits", "page", "play"}:
        _EN.pop(_word, None)
_EN["plays"] = Noun("views", "counter")

_russian("views", "counter", "m", "просмотр показ прослушивани")
_exactly(
    "views", "counter", "прослушиваний прослушивания перегляд перегляду переглядів переглядами перегляди"
)
_russian("followers", "counter", "mk", "подписчик фолловер фоловер подпищик")
_russian("followers", "counter", "f", "подписчиц")
_exactly(
    "followers",
    "counter",
    "подписок подписки підписник підписників підписниками підписники підписника читачів",
)
_russian("reactions", "counter", "mk", "лайк дизлайк")
_russian("reactions", "counter", "fi", "реакц")
_exactly("reactions", "counter", "сердечек сердечка лайків лайки вподобань уподобань вподобання реакцій")
_russian("comments", "counter", "mj", "комментари")
_exactly(
    "comments",
    "counter",
    "комментариев комментарий комментария комментарии комментариями комментариям коментарів",
)
_russian("forwards", "counter", "m", "репост ретвит")
_exactly("forwards", "counter", "пересылок пересылки репостов репостами репостів поширень")
_russian("viewers", "viewers", "mj", "зрител слушател телезрител глядач")
_exactly("viewers", "viewers", "зрителей слушателей глядачів")
_russian("people", "audience", "mk", "участник")
_russian("people", "audience", "mj", "пользовател читател")
_russian("people", "audience", "f", "участниц")
_exactly(
    "people",
    "audience",
    "человек человека человеку человеком люди людей людям людьми людях пользователей читателей персон чел осіб людини людиною "
    "учасників учасники користувачів юзеров юзера аккаунтодержателей",
)
_russian(
    "people",
    "people",
    "mk",
    "поклонник сотрудник защитник чиновник полицейск задержанник охранник родственник пожарник болельщик всадник школьник",
)
_russian("people", "people", "m", "протестант журналист активист артист адвокат депутат офицер солдат студент пациент пассажир ветеран волонтер медик мигрант мужчин украинц призывник фанат контрактник "
         "репортер корреспондент поэт политик турист доброволец подростк правозащитник профессор врач учител эксперт ученик подписант боец автор мирян спасател шахтер докер рыбак эколог")  # fmt: skip
_russian(
    "people",
    "people",
    "f",
    "женщин жен девушк матер активистк журналистк девочк вдов мужчин заложниц сотрудниц",
)
_russian(
    "people",
    "people",
    "adj",
    "мобилизованн задержанн погибш пострадавш ранен протестующ военн заключенн пленн собравш раненн убит арестованн верующ рабоч отдыхающ осужденн неизвестн митингующ демонстрант военнослужащ пропавш обвиняем подозреваем эвакуированн",
)
_russian(
    "people",
    "people",
    "mj",
    "жител родител учител спасател избирател водител нападавш предпринимател строител свидетел гост посетител",
)
_exactly(
    "people",
    "people",
    "дети детей детям детьми ребенок ребенка украинцев россиян россиянина граждан гражданина горожан москвичей киевлян крестьян подростков "
    "жен жены женам женами матерей матери мам мамы мам вдов вдовы солдат солдата бойцов бойца родных близких подростков девушек девочек "
    "мальчиков мальчика сотрудниц коллег коллеги семей свидетелей демонстрантов демонстранта мужчин заложников заложника беженцев "
    "беженца жертв жертвы полицейских полицейского рыбаков водителей врачей врача учителей школьниц добровольцев добровольца "
    "пенсионеров пенсионера шахтеров активисток журналисток поклонниц прихожан боевиков знакомых друзей жінок журналістів дітей "
    "співробітників людей парней парня сограждан иностранцев иностранца гостей студенток фанатов фанатки участниц прохожих очевидцев соседей",
)
_russian("posts", "posts", "m", "пост снимк твит клип кадр")
_russian("posts", "posts", "mk", "ролик видеоролик")
_russian("posts", "posts", "fi", "публикац фотограф")
_russian("posts", "posts", "ni", "сообщен")
_russian("posts", "posts", "fs", "запис видеозапис аудиозапис")
_exactly(
    "posts",
    "posts",
    "видео фото фотография снимков снимка снимок видосов версия версий версии версій версії материалов материала допис дописів відео постів публікацій повідомлень",
)
_russian("channels", "things", "m", "канал телеграм-канал паблик телеграмканал")
_exactly("channels", "things", "пабликов паблика паблики каналів каналами канали каналу")
_russian("groups", "things", "f", "групп")
_exactly("groups", "things", "груп групи сообществ сообщества сообществами сообществам сообщество спільнот")
_russian("chats", "things", "m", "чат")
_russian("accounts", "things", "m", "аккаунт ресурс сайт")
_exactly("accounts", "things", "страниц страницы страница учеток акаунтів ресурсів")
_exactly("countries", "things", "стран страны странах странам страна країн країнах")
_exactly(
    "other",
    "other",
    "рублей рубля рубль рублями руб долларов доллара доллар евро гривен гривны лет года год годов году месяцев месяца месяц недель недели "
    "неделя неделю дней дня день суток сутки часов часа час минут минуты минута минуту секунд секунды секунда секунду процентов процента процент процентами "
    "градусов километров километра метров метра килограммов тонн тонны литров стаканов стакана баллов мест места место этаж этажей очков слов слова "
    "штук экземпляров домов дома квартир голосов подписей мс км кг м см мм грн доларів гривень років роки днів хвилин годин тижнів",
)  # fmt: skip


def find_noun(word: str, lang: str) -> Noun | None:
    """What this word (levelled) counts, None when it is not on the list."""
    return _EN.get(word) if lang == "en" else _RU.get(word)
