"""Invented names in several scripts. Every name is put together from syllables; no list of real names is used."""

from functools import lru_cache

from graphsvc.sample.draw import Draw

SCRIPTS = ("latin", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "chinese")

_SYLLABLES = """
ba ба μπα با בא बा 巴 | be бе μπε بي בה बे 贝 | bo бо μπο بو בו बो 博 | da да ντα دا דא दा 达 | de де ντε دي דה दे 德
di ди ντι دي די दि 迪 | do до ντο دو דו दो 多 | fa фа φα فا פא फा 法 | fe фе φε في פה फे 菲 | fi фи φι في פי फि 斐
ga га γκα جا גא गा 加 | ge ге γκε جي גה गे 格 | go го γκο جو גו गो 戈 | ka ка κα كا קא का 卡 | ke ке κε كي קה के 科
ki ки κι كي קי कि 基 | ko ко κο كو קו को 可 | la ла λα لا לא ला 拉 | le ле λε لي לה ले 勒 | li ли λι لي לי लि 利
lo ло λο لو לו लो 洛 | lu лу λου لو לו लु 鲁 | ma ма μα ما מא मा 马 | me ме με مي מה मे 梅 | mi ми μι مي מי मि 米
mo мо μο مو מו मो 莫 | na на να نا נא ना 纳 | ne не νε ني נה ने 内 | ni ни νι ني ני नि 尼 | no но νο نو נו नो 诺
pa па πα با פא पा 帕 | pe пе πε بي פה पे 佩 | ra ра ρα را רא रा 腊 | re ре ρε ري רה रे 雷 | ri ри ρι ري רי रि 里
ro ро ρο رو רו रो 罗 | ru ру ρου رو רו रु 鲁 | sa са σα سا סא सा 萨 | se се σε سي סה से 塞 | si си σι سي סי सि 西
so со σο سو סו सो 索 | ta та τα تا טא ता 塔 | te те τε تي טה ते 特 | ti ти τι تي טי ति 蒂 | to то το تو טו तो 托
tu ту του تو טו तु 图 | va ва βα فا וא वा 瓦 | ve ве βε في וה वे 韦 | vi ви βι في וי वि 维 | za за ζα زا זא ज़ा 扎
ze зе ζε زي זה ज़े 泽 | zi зи ζι زي זי ज़ि 齐 | zo зо ζο زو זו ज़ो 佐 | zu зу ζου زو זו ज़ु 祖
"""
_ENDINGS = (
    "n н ν ن ן न 恩 | r р ρ ر ר र 尔 | l л λ ل ל ल 勒 | s с ς س ס स 斯 | k к κ ك ק क 克 | m м μ م ם म 姆"
)


def _table(text: str) -> tuple[dict[str, str], ...]:
    entries = text.replace("\n", " | ").split("|")
    return tuple(dict(zip(SCRIPTS, parts, strict=True)) for entry in entries if (parts := entry.split()))


SYLLABLES = _table(_SYLLABLES)
ENDINGS = _table(_ENDINGS)
GIVEN_NAMES = 600
FAMILY_NAMES = 40_000
Parts = tuple[dict[str, str], ...]


@lru_cache(maxsize=8192)
def _given(number: int) -> Parts:
    draw = Draw(number * 7919 + 11)
    syllables: Parts = (draw.pick(SYLLABLES), draw.pick(SYLLABLES))
    return (*syllables, draw.pick(ENDINGS)) if draw.percent(40) else syllables


@lru_cache(maxsize=8192)
def _family(number: int) -> Parts:
    draw = Draw(number * 104_729 + 5)
    return draw.pick(SYLLABLES), draw.pick(SYLLABLES), draw.pick(SYLLABLES), draw.pick(ENDINGS)


def write(parts: Parts, script: str) -> str:
    """The syllables in one script, capitalised where the script knows capitals."""
    return "".join(part[script] for part in parts).capitalize()


def given_name(number: int, script: str = "latin") -> str:
    """Invented given name of that number (there are ``GIVEN_NAMES``)."""
    return write(_given(number % GIVEN_NAMES), script)


def family_name(number: int, script: str = "latin") -> str:
    """Invented family name of that number (there are ``FAMILY_NAMES``)."""
    return write(_family(number % FAMILY_NAMES), script)


def full_name(given: int, family: int, script: str = "latin") -> str:
    """The whole name as that script orders it: Chinese puts the family first and leaves no space."""
    if script == "chinese":
        return family_name(family, script)[:2] + given_name(given, script)
    return f"{given_name(given, script)} {family_name(family, script)}"


def respelled(name: str, draw: Draw) -> str:
    """The name as another office might have written it down: one spelling changed."""
    changes = (
        ("k", "c"),
        ("f", "ph"),
        ("z", "s"),
        ("i", "y"),
        ("u", "ou"),
        ("v", "w"),
        ("t", "th"),
        ("s", "ss"),
    )
    old, new = draw.pick(changes)
    return name.replace(old, new, 1) if old in name else name.replace("a", "aa", 1)
