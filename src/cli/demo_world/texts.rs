//! What people write and say in the synthetic world.

/// A matter about which customers come.
#[derive(Debug)]
pub(super) struct Matter {
    /// The reason or topic, as a code.
    pub(super) code: &'static str,
    /// What it is about, as a dimension.
    pub(super) product: &'static str,
    /// The queue that takes care of it.
    pub(super) queue: &'static str,
    /// What they want.
    pub(super) demand: &'static str,
    /// How the customer begins.
    pub(super) openings: &'static [&'static str],
    /// What the agent answers.
    pub(super) replies: &'static [&'static str],
}

/// The matters, most frequent first.
pub(super) static MATTERS: [Matter; 6] = [
    Matter {
        code: "late_delivery",
        product: "loja_online",
        queue: "entregas",
        demand: "complaint",
        openings: &[
            "Boa tarde, minha encomenda está parada há dias e ninguém me avisa nada.",
            "O prazo venceu ontem e o pedido não chegou. Podem verificar?",
            "O rastreio diz que saiu para entrega, mas aqui não passou ninguém.",
        ],
        replies: &[
            "Sinto muito pelo atraso. Já acionei a transportadora e retorno ainda hoje.",
            "Localizei o pacote no centro de distribuição; a nova previsão é de dois dias úteis.",
        ],
    },
    Matter {
        code: "invoice",
        product: "fatura",
        queue: "financeiro",
        demand: "contestation",
        openings: &[
            "Veio uma cobrança em duplicidade na minha fatura deste mês.",
            "Não reconheço a taxa de serviço que apareceu na fatura.",
            "Paguei o boleto na segunda e ele ainda consta em aberto.",
        ],
        replies: &[
            "Confirmei a duplicidade, o estorno sai na próxima fatura.",
            "O pagamento foi identificado, pode desconsiderar o aviso.",
        ],
    },
    Matter {
        code: "product_defect",
        product: "eletroportateis",
        queue: "trocas",
        demand: "request",
        openings: &[
            "A cafeteira chegou com a jarra trincada, quero trocar.",
            "O liquidificador parou de funcionar na primeira semana.",
            "Recebi a voltagem errada, pedi 220 V e veio 127 V.",
        ],
        replies: &[
            "Abri a troca; o código de postagem chega no seu e-mail em minutos.",
            "Pode levar o produto a qualquer loja com a nota, a troca é na hora.",
        ],
    },
    Matter {
        code: "refund",
        product: "loja_online",
        queue: "financeiro",
        demand: "request",
        openings: &[
            "Devolvi o produto há dez dias e o dinheiro ainda não voltou.",
            "Em quantos dias o estorno aparece no cartão?",
        ],
        replies: &[
            "O estorno já foi enviado à operadora do cartão, aparece em até duas faturas.",
            "Reenviei o Pix para a chave que o senhor confirmou.",
        ],
    },
    Matter {
        code: "password",
        product: "aplicativo",
        queue: "suporte",
        demand: "question",
        openings: &[
            "Não consigo entrar no aplicativo, diz que a senha expirou.",
            "Troquei de celular e perdi o acesso à conta.",
        ],
        replies: &[
            "Enviei um link para criar uma nova senha, ele vale por trinta minutos.",
            "Desvinculei o aparelho antigo, pode entrar de novo.",
        ],
    },
    Matter {
        code: "loyalty_points",
        product: "clube",
        queue: "relacionamento",
        demand: "information",
        openings: &["Quantos pontos faltam para eu trocar por frete grátis?", "Meus pontos vencem quando?"],
        replies: &["A senhora tem 1.240 pontos, válidos até o fim do ano.", "Faltam 160 pontos para o frete grátis."],
    },
];

/// What pleased customers say.
pub(super) const PRAISES: &[&str] = &[
    "Quero elogiar o atendimento, resolveram tudo em dez minutos.",
    "Parabéns pela entrega, chegou antes do prazo e muito bem embalado.",
    "A moça do balcão foi muito atenciosa, nota dez.",
    "O novo aplicativo ficou ótimo, bem mais rápido.",
];

/// What customers suggest.
pub(super) const SUGGESTIONS: &[&str] = &[
    "Seria bom avisar por WhatsApp quando o entregador estiver perto.",
    "Sugiro aceitar retirada na loja também aos domingos.",
    "Poderiam mostrar o protocolo no aplicativo, eu sempre perco o papel.",
];

/// What customers write beside a good score, and beside a bad one.
pub(super) const COMMENTS: (&[&str], &[&str]) = (
    &["Atendimento rápido e educado.", "Resolveram de primeira.", "Tudo certo, obrigado!"],
    &["Tive que repetir a história três vezes.", "Demorou demais para atender.", "Ninguém retornou como prometido."],
);

/// The agents.
pub(super) const AGENTS: &[&str] = &["marcos", "juliana", "renato", "patricia.s", "wesley"];
